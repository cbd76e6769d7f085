/** A puller was closed, by `close()`, while it was pulling, or was asked to pull after that. */
export class ClientClosed extends Error {
  override readonly name = 'ClientClosed';
  readonly code = 'PULLER_CLOSED';

  constructor() {
    super('the puller is closed; open another one to pull users');
  }
}
