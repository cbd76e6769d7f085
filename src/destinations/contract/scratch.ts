/** A place outside of memory for bytes that are needed again soon. */
export interface Scratch {
  /** Keeps a copy of the bytes. @returns where they are, or null when there is no room */
  write(bytes: Buffer): number | null;
  /** @throws {DestinationError} when they cannot be read */
  read(place: number, length: number): Buffer;
}
