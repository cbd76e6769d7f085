/** The destination of a run, for its page. */
export type PageDestination = {
  /** As written in the job, without secrets. */
  readonly name: string;
  /** Whether the destination keeps the rows of earlier runs, as a database does. Else its rows are of one run. */
  readonly keepsEarlierRows: boolean;
  /** The schema that commands must name to find the run; null when they need not. */
  readonly schema: string | null;
};
