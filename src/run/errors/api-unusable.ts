/** The API cannot be reached, or refuses this app or these credentials. The run can be resumed. */
export class ApiUnusable extends Error {
  override readonly name = 'ApiUnusable';
  readonly code = 'API_UNUSABLE';
  /** The code that the API refused with; null where it cannot be reached. */
  readonly apiCode: number | null;

  constructor(
    message: string,
    { apiCode = null, ...options }: ErrorOptions & { readonly apiCode?: number | null } = {},
  ) {
    super(message, options);
    this.apiCode = apiCode;
  }
}
