/** Where a run's rows are. */
export type PageDestination = {
  /** As people wrote it, without secrets. */
  readonly name: string;
  /** Files are a snapshot of one run; a database has the rows of earlier ones, too. */
  readonly isFiles: boolean;
  /** The schema that a command has to name to find the run there; null where it need not. */
  readonly schema: string | null;
};
