/** The embedded PostgreSQL server could not be started, used or stopped; the message says what to do about it. */
export class EmbeddedServerError extends Error {
  override name = 'EmbeddedServerError';
}
