/** A puller was closed, by `close()`, while it was pulling, or was asked to pull after that. */
export class PullerClosed extends Error {
  override readonly name = 'PullerClosed';
  readonly code = 'PULLER_CLOSED';

  constructor() {
    super('the puller is closed; open another one to pull users');
  }
}
