import type { options } from './options.ts';
import type { Secret } from './secret.ts';

export type RegionName = (typeof options.region.choices)[number];
export type LogLevel = (typeof options)['log-level']['choices'][number];
export type LogFormat = (typeof options)['log-format']['choices'][number];
export type UnknownItems = (typeof options)['unknown-items']['choices'][number];
export type NotInApp = (typeof options)['not-in-app']['choices'][number];

/** What to export, from where, to where: checked, complete and frozen. Times are in milliseconds. */
export interface Job {
  /** What is resumed and listed; 1 to 100 characters. */
  readonly name: string;
  readonly users: UserSource;
  readonly destination: JobDestination;
  readonly api: ApiAccess;
  readonly network: NetworkSettings;
  readonly pull: PullSettings;
  readonly rows: RowSettings;
  readonly guards: GuardSettings;
  readonly run: RunSettings;
  readonly watch: WatchSettings;
  readonly output: OutputSettings;
}

/** What of a job is needed to pull users, whatever becomes of their rows. */
export type PullJob = Pick<Job, 'api' | 'network' | 'pull'> & {
  readonly rows: Pick<RowSettings, 'unknownItems'>;
};

/**
 * Exactly one of `file`, `query` and `failedOf` is not null. With pseudonyms, `failedOf` narrows a file or a query, since nobody can
 * be called by the pseudonym that a run has kept.
 */
export interface UserSource {
  /** An absolute path, or `-` for standard input. */
  readonly file: string | null;
  readonly query: UserQuery | null;
  readonly failedOf: FailedOf | null;
  /** The column or field with the user IDs; null where nobody said. */
  readonly column: string | null;
  /** So many lines may be bad, and are left out. */
  readonly maxBadLines: number;
  /** Absolute; null is the system's. */
  readonly tempDir: string | null;
}

/** The failed users of an earlier run of the job in its destination: all, or those with one of the codes. */
export interface FailedOf {
  /** `last` is the job's last finished run of a whole list. */
  readonly runId: number | 'last';
  readonly codes: readonly number[];
}

export interface UserQuery {
  readonly sql: string;
  readonly database: QueriedDatabase;
}

/** A database to read from, and the option that names it. Its directory is absolute, `shown` is for messages. */
export type QueriedDatabase = { readonly option: '--users-db' | '--to' } & (
  | { readonly kind: 'postgres'; readonly url: Secret; readonly shown: string }
  | { readonly kind: 'embedded'; readonly dir: string }
);

/** What the files of an export are: CSV, CSV compressed by gzip, or Parquet. */
export type FileFormatName = 'csv' | 'csv.gz' | 'parquet';

/** Directories are absolute. `shown` is the URL without password and parameters, for messages. */
export type JobDestination =
  | { readonly kind: 'files'; readonly form: FileFormatName; readonly dir: string }
  | { readonly kind: 'postgres'; readonly url: Secret; readonly shown: string; readonly schema: string }
  | { readonly kind: 'embedded'; readonly dir: string; readonly schema: string };

/** Exactly one of `endpoint` and `region` is not null. */
export interface ApiAccess {
  /** An origin such as `https://chat.example.com`, without a path. */
  readonly endpoint: string | null;
  readonly region: RegionName | null;
  readonly sdkAppId: number;
  /** An admin account of the app, 1 to 32 bytes. */
  readonly identifier: string;
  readonly credentials: ApiCredentials;
}

export type ApiCredentials =
  | { readonly kind: 'secretKey'; readonly secretKey: Secret }
  | { readonly kind: 'userSig'; readonly userSig: Secret };

export interface NetworkSettings {
  /** Certificates to trust besides those that Node.js trusts: an absolute path, or null. */
  readonly caFile: string | null;
  /** What that file held when the job was read, one PEM text for each certificate. */
  readonly ca: readonly string[];
  /** The proxy of the environment; null where there is none, and for an API on this machine. */
  readonly proxy: ProxySettings | null;
}

/** The proxy, or what is wrong with the variable that should name it, which counts for hosts that are not exempt. */
export type ProxySettings = {
  /** The variable that it came from. */
  readonly variable: string;
  /** Hosts that are called directly, as NO_PROXY lists them; may be empty. */
  readonly noProxy: string;
} & (
  | {
      readonly problem: null;
      /** `http://` or `https://`, with user and password where it has them. */
      readonly url: Secret;
      /** Scheme, host and port, for messages. */
      readonly shown: string;
    }
  | {
      /** A sentence that begins with the variable and does not repeat its value. */
      readonly problem: string;
    }
);

export interface PullSettings {
  /** Calls a second. */
  readonly rate: number;
  readonly rateMarginMs: number;
  /** Calls under way at the same time. */
  readonly concurrency: number;
  /** Of one call; over 3,000. */
  readonly timeoutMs: number;
  /** At one call. */
  readonly maxAttempts: number;
  readonly maxOutageMs: number;
  /** Of one user. */
  readonly maxPages: number;
}

export interface RowSettings {
  readonly unknownItems: UnknownItems;
  readonly notInApp: NotInApp;
  /** Whether a whole run ends with removing the rows of users who are not in its list; never with `limit`. */
  readonly prune: boolean;
  /** Whether every version of the rows is kept; once begun for an app, it goes on. */
  readonly history: boolean;
  /** The key under which user and peer IDs are hashed before they are written; null where they are written as they are. */
  readonly pseudonymize: Secret | null;
  /** Whether names of contact groups, custom marks and unknown fields are left out. */
  readonly dropFreeText: boolean;
}

/** So many of something, or a share of all of it, 0 to 1. */
export type Limit = { readonly number: number } | { readonly share: number };

export interface GuardSettings {
  /** Failed users that a run bears: so many, or a share of its users; null is all. */
  readonly maxFailedUsers: Limit | null;
  /** Shares, 0 to 1, of users with rows who may lose them all, and of rows that may be lost. */
  readonly maxEmptiedUsers: number;
  readonly maxLostRows: number;
  readonly allowMassDeletion: boolean;
}

export interface RunSettings {
  /** Users in a chunk. */
  readonly chunkSize: number;
  /** Only so many users of the list; null is all. */
  readonly limit: number | null;
  readonly resumeWithinMs: number;
  /** How long a start works before it stops cleanly; null is for as long as it takes. */
  readonly maxDurationMs: number | null;
  readonly fresh: boolean;
  /** The number of the run to go on with, or null; never together with `fresh`. */
  readonly resume: number | null;
  /** Whether to bring the database schema up to date first. */
  readonly migrate: boolean;
  /** So many runs of the job stay on record in a database; from 1. */
  readonly keepRuns: number;
}

/** How people and machines hear of the job's runs. */
export interface WatchSettings {
  /** Where the page of a run is written: an absolute path that ends in `.html`, or null. */
  readonly report: string | null;
  /** Where metrics are written: an absolute path that ends in `.prom`, or null. */
  readonly metricsFile: string | null;
  readonly ping: PingSettings | null;
}

export interface PingSettings {
  /** `https://`, or `http://` on this machine; whoever has it can ping. */
  readonly url: Secret;
  /** Scheme, host and port, for messages. */
  readonly shown: string;
  /** As `NetworkSettings` has it, for this URL. */
  readonly proxy: ProxySettings | null;
}

export interface OutputSettings {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}
