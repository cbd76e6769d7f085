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

/** The options for pulling users: the app, one of its credentials, and the quota. */
export interface PullOptions extends JobPlace {
  /** The secret key of the app itself. */
  readonly secretKey?: string | undefined;
  /** A ready UserSig itself. */
  readonly usersig?: string | undefined;
  /** Call the API host of this region, the region of the app. */
  readonly region?:
    | 'china'
    | 'singapore'
    | 'seoul'
    | 'tokyo'
    | 'frankfurt'
    | 'silicon-valley'
    | 'jakarta'
    | undefined;
  /** Call this API host instead of a region's: https://, or http:// on this machine only. */
  readonly endpoint?: string | undefined;
  /** Export the app with this SDKAppID, as the console shows it. */
  readonly sdkAppId?: number | undefined;
  /** Sign calls as this admin account of the app, at most 32 bytes. Default: administrator. */
  readonly identifier?: string | undefined;
  /** Read the secret key of the app from this file. CHAT_EXPORT_SECRET_KEY may hold the key itself. */
  readonly secretKeyFile?: string | undefined;
  /** Read a ready UserSig from this file. CHAT_EXPORT_USERSIG may hold the UserSig itself. */
  readonly usersigFile?: string | undefined;
  /** Trust these PEM certificates too, such as a company proxy's. */
  readonly caFile?: string | undefined;
  /** Make at most N calls a second, retries included: the quota. Unit: calls a second. Default: 200. */
  readonly rate?: number | undefined;
  /**
   * Keep this much room for jitter on the way to the API. With auto, rate-limit errors widen it to 4 to 100
   * ms. Unit: milliseconds. Default: auto.
   */
  readonly rateMargin?: number | 'auto' | undefined;
  /** Make at most N calls at the same time. Unit: calls. Default: 64. */
  readonly concurrency?: number | undefined;
  /** Abort a call after this time, which must be over 3 s. Default: 10s. */
  readonly timeout?: Duration | undefined;
  /** Try a call at most N times before its user fails. Unit: attempts. Default: 8. */
  readonly maxAttempts?: number | undefined;
  /** Wait this long for an unavailable API or destination before the run stops. Default: 30m. */
  readonly maxOutage?: Duration | undefined;
  /** Fail a user who has more than N pages. Unit: pages. Default: 1000. */
  readonly maxPages?: number | undefined;
  /** Fail the user of an item of unknown type, or skip and count the item. Default: fail. */
  readonly unknownItems?: 'fail' | 'skip' | undefined;
}

/** The options of an export: the same, the users, and where their rows go. */
export interface ExportOptions extends PullOptions {
  /** Read the users from a file (one ID a line, .csv or .jsonl; also .gz), or from standard input with -. */
  readonly users?: string | undefined;
  /** Read the users from a query: one column of IDs, or the column that userColumn names. */
  readonly usersSql?: string | undefined;
  /**
   * Run usersSql in this database (postgres://… or embedded:DIR). Without it, the query runs in the
   * destination.
   */
  readonly usersDb?: string | undefined;
  /**
   * Read IDs from this column (in any case) or JSON field. Without it: user_id, or a query's only column.
   */
  readonly userColumn?: string | undefined;
  /** Skip and list up to N invalid lines; reject the list if there are more. Unit: lines. Default: 0. */
  readonly maxBadLines?: number | undefined;
  /** Write temporary data that does not fit in memory here. Without it: the system's directory. */
  readonly tempDir?: string | undefined;
  /** Export only the first N users of the list. Unit: users. */
  readonly limit?: number | undefined;
  /**
   * Pull only the users who failed in this run, instead of a list (databases). Give the run's number, or
   * last.
   */
  readonly retryFailed?: number | 'last' | undefined;
  /** With retryFailed, pull only users who failed with this code. Repeat it for more codes. */
  readonly code?: readonly number[] | undefined;
  /** Write rows to postgres://…, csv:DIR, parquet:DIR or embedded:DIR. */
  readonly to?: string | undefined;
  /** Compress CSV files. With gzip, files are conversations.csv.gz and so on. Default: none. */
  readonly compress?: 'none' | 'gzip' | undefined;
  /** Keep all tables in this database schema. Default: chat_export. */
  readonly schema?: string | undefined;
  /** Do not migrate the database schema; fail if it is not up to date. Default: false. */
  readonly noMigrate?: boolean | undefined;
  /**
   * Keep the records of a job's last N runs in a database; delete older ones when a run finishes. Unit: runs.
   * Default: 90.
   */
  readonly keepRuns?: number | undefined;
  /** Keep or remove the earlier rows of users who are no longer in the app. Default: keep. */
  readonly notInApp?: 'keep' | 'remove' | undefined;
  /**
   * Remove the rows of users who are not in the list, after the whole list is processed (databases). Default:
   * false.
   */
  readonly prune?: boolean | undefined;
  /**
   * Keep every version of the rows (databases). Once started for an app, later runs continue it. Default:
   * false.
   */
  readonly history?: boolean | undefined;
  /** Write keyed hashes instead of user and peer IDs. This file holds the key, 32 bytes or more. */
  readonly pseudonymize?: string | undefined;
  /** Drop what people write: names of contact groups, custom marks and unknown fields. Default: false. */
  readonly dropFreeText?: boolean | undefined;
  /** Stop when more than N users (or N% of the list) have failed. Unit: users, or % of the list. */
  readonly maxFailedUsers?: number | Share | undefined;
  /**
   * Stop if, within any 5,000 users, more than N% of those with rows would lose them all. Unit: % of users
   * with rows. Default: 1%.
   */
  readonly maxEmptiedUsers?: Share | undefined;
  /**
   * Stop if, within any 5,000 users, the number of rows would fall by more than N%. Unit: % of rows. Default:
   * 5%.
   */
  readonly maxLostRows?: Share | undefined;
  /**
   * Turn off maxEmptiedUsers and maxLostRows, and accept a list without any user in the app. Default: false.
   */
  readonly allowMassDeletion?: boolean | undefined;
  /** Name the job; runs are resumed and listed by this name. Without it: the job file's name, or default. */
  readonly name?: string | undefined;
  /** Commit and resume in chunks of N users. Unit: users. Default: 200. */
  readonly chunkSize?: number | undefined;
  /** Resume an unfinished run that is not older than this; start a new run otherwise. Default: 20h. */
  readonly resumeWithin?: Duration | undefined;
  /** Stop this attempt cleanly after this time; the next attempt resumes the run. */
  readonly maxDuration?: Duration | undefined;
  /**
   * Share the run with all processes that are started with the same job (PostgreSQL only). Default: false.
   */
  readonly share?: boolean | undefined;
  /**
   * Wait this long for another run of the app in the destination, and take over if it dies. Without it: exit
   * with 8.
   */
  readonly waitForLock?: Duration | undefined;
  /**
   * Start a new run even if an unfinished one could be resumed, or if it replaces the files of another job.
   * Default: false.
   */
  readonly fresh?: boolean | undefined;
  /** Resume the run with this number. */
  readonly resume?: number | undefined;
}
