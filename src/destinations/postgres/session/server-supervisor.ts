/** Supervises a server that no service manager supervises. */
export interface ServerSupervisor {
  /**
   * The address of the server, which is started again if it has died.
   * @throws {DestinationError} when it does not stay up, or its data is gone
   */
  url(): Promise<string>;
  /** @throws {DestinationError} when the data directory is gone */
  verify(): Promise<void>;
}
