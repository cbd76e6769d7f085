/** What was asked for cannot be done, and nothing was: the message says which option, and what to do. */
export class RunRefused extends Error {
  override readonly name = 'RunRefused';
  readonly code = 'RUN_REFUSED';
}
