/** The client was closed by `close()` while it pulled, or before it was asked to pull. */
export class ClientClosed extends Error {
  override readonly name = 'ClientClosed';
  readonly code = 'CLIENT_CLOSED';

  constructor() {
    super('the client is closed; create another client to pull users');
  }
}
