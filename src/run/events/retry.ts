/** One more attempt at a page. */
export type Retry = {
  readonly userId: string;
  /** What the attempt before failed with: a code of the API, `network` or `malformed`. */
  readonly cause: string;
  /** Which attempt at this page it is: 2 is the first retry. */
  readonly attempt: number;
};
