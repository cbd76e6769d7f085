/** The users whose rows are stored, and the place. */
export type StoreInput = {
  readonly to:
    | {
        readonly kind: 'postgres';
        readonly url: string;
        /** Keep every version of the rows (`--history`). */
        readonly history?: boolean;
      }
    | { readonly kind: 'csv'; readonly dir: string };
  readonly users: number;
  /** Which day's content it is, and the share of users who differ from the day before. */
  readonly day: number;
  readonly changed: number;
};

/** The result of a run that only stored existing rows. */
export type StoreOutput = {
  readonly users: number;
  /** Of the three row tables. */
  readonly rows: number;
  readonly rowsWritten: number;
  readonly unchanged: number;
  /** From the run's start to its end: the plan, the chunks, and the maintenance. */
  readonly seconds: number;
  /** The chunks alone. */
  readonly chunkSeconds: number;
  readonly chunkCpuSeconds: number;
};
