/** The API cannot be reached, or refuses this app or these credentials. The run can be resumed. */
export class ApiUnusable extends Error {
  override readonly name = 'ApiUnusable';
}
