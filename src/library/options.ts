// Written by `npm run docs` from src/config/model/options.ts: change it there.

/** Milliseconds, or a text with units, such as `90s` or `1h30m`. */
export type Duration = number | string;

/** A percentage with its sign, such as `5%`. */
export type Share = `${number}%`;

/** Where more of the options may come from; what is given as an option itself beats both. */
export interface JobPlace {
  /** A job file, as the command takes it. Relative paths in it are relative to it, all others to the working directory. */
  readonly jobFile?: string | undefined;
  /**
   * The variables that count: `CHAT_EXPORT_…`, `${NAME}` in the job file, `HTTPS_PROXY` and `NO_PROXY`. Give
   * `process.env` for those of the process. Default: none.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** What pulling users needs to know: the app, one of its credentials, and the quota. */
export interface PullOptions extends JobPlace {
  /** The secret key of the app itself. */
  readonly secretKey?: string | undefined;
  /** A ready UserSig itself. */
  readonly usersig?: string | undefined;
  /** The region of the app, which decides the API host. */
  readonly region?:
    | 'china'
    | 'singapore'
    | 'seoul'
    | 'tokyo'
    | 'frankfurt'
    | 'silicon-valley'
    | 'jakarta'
    | undefined;
  /** The API host instead of a region: https://, or http:// on this machine only. */
  readonly endpoint?: string | undefined;
  /** The SDKAppID of the app, as the console shows it. */
  readonly sdkAppId?: number | undefined;
  /** An admin account of the app, at most 32 bytes. Default: administrator. */
  readonly identifier?: string | undefined;
  /** A file that holds the secret key of the app. */
  readonly secretKeyFile?: string | undefined;
  /** A file that holds a ready UserSig. */
  readonly usersigFile?: string | undefined;
  /** PEM certificates to trust besides those that Node.js trusts, such as a company proxy's. */
  readonly caFile?: string | undefined;
  /** The quota, never passed; retries count. Unit: calls a second. Default: 200. */
  readonly rate?: number | undefined;
  /** Room for calls that bunch on their way to the API. Unit: milliseconds. Default: 8. */
  readonly rateMargin?: number | undefined;
  /** Calls under way at the same time, at most. Unit: calls. Default: 64. */
  readonly concurrency?: number | undefined;
  /** How long one call may take, over 3 s. Default: 10s. */
  readonly timeout?: Duration | undefined;
  /** Attempts at one call before its user counts as failed. Unit: attempts. Default: 8. */
  readonly maxAttempts?: number | undefined;
  /** How long to wait for an API or a destination that is away. Default: 30m. */
  readonly maxOutage?: Duration | undefined;
  /**
   * Pages of one user before the user is called endless and counts as failed. Unit: pages. Default: 1000.
   */
  readonly maxPages?: number | undefined;
  /** What an item of unknown type does: fail its user, or be left out and counted. Default: refuse. */
  readonly unknownItems?: 'refuse' | 'skip' | undefined;
}

/** What an export needs to know: the same, the users, and where their rows go. */
export interface ExportOptions extends PullOptions {
  /** The users to export: a file (one ID a line, .csv or .jsonl; also .gz), or - for standard input. */
  readonly users?: string | undefined;
  /** The users to export, as a query: one column of IDs, or the one that userColumn names. */
  readonly usersSql?: string | undefined;
  /** The database that usersSql asks: postgres://… or embedded:DIR; else the destination. */
  readonly usersDb?: string | undefined;
  /**
   * The column of a CSV or a query, or the field of JSON lines, with the IDs (a column's case does not
   * matter); else user_id, or a query's only one.
   */
  readonly userColumn?: string | undefined;
  /** Bad lines that are left out, and listed; one more, and the list is refused. Unit: lines. Default: 0. */
  readonly maxBadLines?: number | undefined;
  /** Where what has no room in memory is kept; else the system's directory. */
  readonly tempDir?: string | undefined;
  /** Export only the first N users of the list. Unit: users. */
  readonly limit?: number | undefined;
  /** Instead of a list, the users who failed in this run: its number, or last (databases). */
  readonly retryFailed?: number | 'last' | undefined;
  /** With retryFailed, only those who failed with this code; may be repeated. */
  readonly code?: readonly number[] | undefined;
  /** Where rows go: csv:DIR, parquet:DIR, postgres://… or embedded:DIR. */
  readonly to?: string | undefined;
  /** How CSV files are compressed: gzip makes conversations.csv.gz and so on. Default: none. */
  readonly compress?: 'none' | 'gzip' | undefined;
  /** The database schema that holds all tables. Default: chat_export. */
  readonly schema?: string | undefined;
  /** Leave the database schema as it is; the run refuses a schema that is not up to date. Default: false. */
  readonly noMigrate?: boolean | undefined;
  /**
   * Runs of a job whose records a database keeps; older ones go when a run has finished. Unit: runs. Default:
   * 90.
   */
  readonly keepRuns?: number | undefined;
  /** What becomes of the earlier rows of users who are no longer in the app. Default: keep. */
  readonly notInApp?: 'keep' | 'remove' | undefined;
  /**
   * When all of the list is done with, remove the rows of users who are not in it (databases). Default:
   * false.
   */
  readonly prune?: boolean | undefined;
  /** Keep every version of the rows; once begun for an app, it goes on (databases). Default: false. */
  readonly history?: boolean | undefined;
  /** Write keyed hashes in the place of user and peer IDs; this file holds the key, 32 bytes or more. */
  readonly pseudonymize?: string | undefined;
  /**
   * Leave out what people write: names of contact groups, custom marks and unknown fields. Default: false.
   */
  readonly dropFreeText?: boolean | undefined;
  /**
   * Failed users that a run bears, as a number or a share of the list; one more stops it. Unit: users, or %
   * of the list.
   */
  readonly maxFailedUsers?: number | Share | undefined;
  /**
   * Of 5,000 users in a row: the share of those with rows that may be left with none. Unit: % of users with
   * rows. Default: 1%.
   */
  readonly maxEmptiedUsers?: Share | undefined;
  /**
   * Of 5,000 users in a row: the share of their rows that they may have fewer than before. Unit: % of rows.
   * Default: 5%.
   */
  readonly maxLostRows?: Share | undefined;
  /**
   * Let pass what maxEmptiedUsers and maxLostRows would stop, and a list of which nobody is in the app.
   * Default: false.
   */
  readonly allowMassDeletion?: boolean | undefined;
  /** The name of the job, by which runs are resumed and listed; else the job file's name, else default. */
  readonly name?: string | undefined;
  /** Users in one chunk, the unit of commit and of resume. Unit: users. Default: 200. */
  readonly chunkSize?: number | undefined;
  /** How old an unfinished run may be for the next attempt to resume it. Default: 20h. */
  readonly resumeWithin?: Duration | undefined;
  /** How long this attempt may work before it stops cleanly; the next one goes on. */
  readonly maxDuration?: Duration | undefined;
  /**
   * Begin a new run even if an unfinished one could be resumed, or if it replaces the files of another job.
   * Default: false.
   */
  readonly fresh?: boolean | undefined;
  /** Go on with this run, given by its number. */
  readonly resume?: number | undefined;
}
