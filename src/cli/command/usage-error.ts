/** The command line is wrong: the message names the option and says what to write. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
