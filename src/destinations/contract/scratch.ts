/** Storage outside of memory for bytes that are needed again soon. */
export interface Scratch {
  /** Stores a copy of the bytes. @returns their place, or null when there is no room */
  write(bytes: Buffer): number | null;
  /** @throws {DestinationError} when they cannot be read */
  read(place: number, length: number): Buffer;
}
