import type { DestinationPlace, QueriedDatabase } from '../../destinations/open/kinds.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { options } from './options.ts';

export type RegionName = (typeof options.region.choices)[number];
export type LogLevel = (typeof options)['log-level']['choices'][number];
export type LogFormat = (typeof options)['log-format']['choices'][number];
export type UnknownItems = (typeof options)['unknown-items']['choices'][number];
export type NotInApp = (typeof options)['not-in-app']['choices'][number];

/** The settings of an export: checked, complete and frozen. Times are in milliseconds. */
export interface Job {
  /** The name by which runs are resumed and listed; 1 to 100 characters. */
  readonly name: string;
  readonly users: UserSource;
  readonly destination: DestinationPlace;
  readonly api: ApiAccess;
  readonly network: NetworkSettings;
  readonly pull: PullSettings;
  readonly rows: RowSettings;
  readonly guards: GuardSettings;
  readonly run: RunSettings;
  readonly watch: WatchSettings;
  readonly output: OutputSettings;
}

/** The part of a job that pulls users, without the part that writes rows. */
export type PullJob = Pick<Job, 'api' | 'network' | 'pull'> & {
  readonly rows: Pick<RowSettings, 'unknownItems'>;
};

/**
 * Exactly one of `file`, `query` and `failedOf` is not null. With pseudonyms, `failedOf` narrows a file or a query, since the API
 * does not know the stored pseudonyms.
 */
export interface UserSource {
  /** An absolute path, or `-` for standard input. */
  readonly file: string | null;
  readonly query: UserQuery | null;
  readonly failedOf: FailedOf | null;
  /** The column or field with the user IDs; null when none was named. */
  readonly column: string | null;
  /** How many invalid lines are skipped. */
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
  readonly database: UserDatabase;
}

/** The database of a query, and the option that names it. */
export type UserDatabase = QueriedDatabase & { readonly option: '--users-db' | '--to' };

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
  /** Additional trusted certificates: an absolute path, or null. */
  readonly caFile: string | null;
  /** The content of that file when the job was read, one PEM text for each certificate. */
  readonly ca: readonly string[];
  /** The proxy of the environment; null when there is none, and for an API on this machine. */
  readonly proxy: ProxySettings | null;
}

/** The proxy, or the problem of the variable that should name it. The problem counts for hosts that are not exempt. */
export type ProxySettings = {
  /** The variable that names it. */
  readonly variable: string;
  /** Hosts that are called directly, as NO_PROXY lists them; may be empty. */
  readonly noProxy: string;
} & (
  | {
      readonly problem: null;
      /** `http://` or `https://`, with user and password if it has them. */
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
  /** Milliseconds, or a margin that finds itself. */
  readonly rateMargin: number | 'auto';
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
  /** Whether a run of a whole list removes the rows of users outside the list at its end; never with `limit`. */
  readonly prune: boolean;
  /** Whether every version of the rows is kept. Once started for an app, it continues. */
  readonly history: boolean;
  /** The key for hashing user and peer IDs before they are written; null to write them unchanged. */
  readonly pseudonymize: Secret | null;
  /** Whether names of contact groups, custom marks and unknown fields are left out. */
  readonly dropFreeText: boolean;
}

/** A number, or a share of the total, 0 to 1. */
export type Limit = { readonly number: number } | { readonly share: number };

export interface GuardSettings {
  /** The most failed users, as a number or a share of the run's users; null is no limit. */
  readonly maxFailedUsers: Limit | null;
  /** Shares, 0 to 1, of users with rows who may lose them all, and of rows that may be lost. */
  readonly maxEmptiedUsers: number;
  readonly maxLostRows: number;
  readonly allowMassDeletion: boolean;
}

export interface RunSettings {
  /** Users in a chunk. */
  readonly chunkSize: number;
  /** The most users of the list; null is all. */
  readonly limit: number | null;
  readonly resumeWithinMs: number;
  /** How long an attempt works before it stops cleanly; null is no limit. */
  readonly maxDurationMs: number | null;
  /** How long to wait while another run of the app is at work in the destination; null is not at all. */
  readonly waitForLockMs: number | null;
  readonly fresh: boolean;
  /** The number of the run to resume, or null; never together with `fresh`. */
  readonly resume: number | null;
  /** Whether to apply pending migrations first. */
  readonly migrate: boolean;
  /** Whether other processes may pull the run at the same time. */
  readonly share: boolean;
  /** How many runs of the job stay on record in a database; from 1. */
  readonly keepRuns: number;
}

/** Reports of the job's runs for people and machines. */
export interface WatchSettings {
  /** The path of the page of a run: absolute, ending in `.html`, or null. */
  readonly report: string | null;
  /** The path of the metrics: absolute, ending in `.prom`, or null. */
  readonly metricsFile: string | null;
  readonly ping: PingSettings | null;
}

export interface PingSettings {
  /** `https://`, or `http://` on this machine. Anyone who knows it can ping. */
  readonly url: Secret;
  /** Scheme, host and port, for messages. */
  readonly shown: string;
  /** As in `NetworkSettings`, for this URL. */
  readonly proxy: ProxySettings | null;
}

export interface OutputSettings {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}
