/** The destination of a run, for its page. */
export type PageDestination = {
  /** As written in the job, without secrets. */
  readonly name: string;
  /** Files are a snapshot of one run; a database has the rows of earlier ones, too. */
  readonly isFiles: boolean;
  /** The schema that commands must name to find the run; null when they need not. */
  readonly schema: string | null;
};
