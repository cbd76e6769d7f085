/** Looks after a server that nobody else looks after. */
export interface ServerSupervisor {
  /**
   * Where the server is, which is started again where it has died.
   * @throws {DestinationError} when it does not stay up, or its data is gone
   */
  url(): Promise<string>;
  /** @throws {DestinationError} when the data is gone, and what is written with it */
  verify(): Promise<void>;
}
