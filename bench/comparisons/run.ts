/** The input of a rival: the same job for all, in variables. */
export type Job = {
  /** Where the simulator listens. */
  readonly endpoint: string;
  /** A file with one user ID a line. */
  readonly users: string;
  /** An empty database, as a URL that libpq and its kin read. */
  readonly database: string;
  /** Calls a second; null: as fast as it goes. */
  readonly rate: number | null;
  /** An empty directory of its own. */
  readonly directory: string;
  /** A fresh UserSig of the simulator's administrator. */
  readonly userSig: string;
};

/** One way to run a rival. */
export type Contender = {
  readonly name: string;
  /** `stock`: as its documents begin; `tuned`: by a person who knows both the rival and this API. */
  readonly variant: 'stock' | 'tuned';
  /** Its folder below `bench/comparisons`, with the queries that read its tables. */
  readonly folder: string;
  /** The file that is there when it is installed. */
  readonly installed: string;
  readonly command: readonly string[];
  /** More than the job's variables. */
  readonly env?: (job: Job) => Record<string, string>;
};
