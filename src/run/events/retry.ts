/** One more attempt at a page. */
export type Retry = {
  readonly userId: string;
  /** The failure of the attempt before: a code of the API, `network` or `malformed`. */
  readonly cause: string;
  /** The number of this attempt at the page: 2 is the first retry. */
  readonly attempt: number;
};
