import type { Destination, DestinationEvents } from './destination.ts';
import type { InspectedJob, Inspection } from './inspection.ts';
import type { KindDatabase } from './kind-database.ts';
import type { LockWait } from './lock-wait.ts';
import type { ReadSettings, RunArchive } from './run-archive.ts';
import type { ShareSettings } from './sharing.ts';
import type { Waiting } from './waiting.ts';

/** Data of one kind of destination, which names the kind. */
export type OfKind = { readonly kind: string };

/** One way to write a destination: `csv:DIR`, `postgres://…`. */
export type DestinationForm = {
  /** The allowed texts before the first colon, in lower case. The first is the preferred one. */
  readonly schemes: readonly [string, ...string[]];
  /** The form as help and messages write it. */
  readonly shown: string;
  /** The part after the colon. */
  readonly rest: 'path' | 'url' | 'nothing';
  /** The text in `init`. */
  readonly offer: {
    /** It completes "Where do the rows go?" */
    readonly label: string;
    readonly hint?: string;
    /** Asks for the part after the colon, or for the whole URL. Null if nothing follows. */
    readonly question: { readonly text: string; readonly initial?: string; readonly example?: string } | null;
  };
};

/** A typed destination, split into parts. */
export type DestinationText = {
  /** In lower case. */
  readonly scheme: string;
  /** The part after the colon. */
  readonly rest: string;
  /** The whole text, without white space around it. */
  readonly whole: string;
};

/** The facts about a typed destination, before directories are absolute. */
export type TypedFacts = {
  /** Its name in messages, without secrets. */
  readonly shown: string;
  readonly scheme: string;
  /** Whether it contains a password, which may not stand in a flag. */
  readonly hasPassword: boolean;
  /** Options without an effect here, each with the reason. A flag among them gets a warning. */
  readonly ignored: { readonly [option in 'schema' | 'compress' | 'prune']?: string };
  /** Options that are impossible here, each with the reason and a hint. They are refused. */
  readonly refused: { readonly [option in 'history' | 'retry-failed' | 'share']?: string };
};

/** Options of a job that decide where rows go, beside `--to`. */
export type PlaceOptions = { readonly schema: string; readonly compress: 'none' | 'gzip' };

/** The facts about a destination that is not opened. */
export type PlaceFacts = {
  /** As written by people, without secrets. */
  readonly name: string;
  /** Its name in metrics: `postgres`, `csv.gz`. */
  readonly label: string;
  /** The database schema of its tables; null where there is none. */
  readonly schema: string | null;
  /** A directory in which the program may keep nothing but the export; null where there is none. */
  readonly ownDirectory: string | null;
  /**
   * Bytes that a conversation takes, with its memberships and indexes, as far as nothing is measured yet. `whileAtWork` come
   * on top until the run has finished.
   */
  readonly assumedBytes: { readonly kept: number; readonly whileAtWork: number };
};

export type InspectSettings = InspectedJob & {
  /** Whether a run may bring a database schema up to date. */
  readonly migrate: boolean;
  /** Whether several processes are to share the run. */
  readonly share?: boolean | undefined;
  readonly caFile: string | null;
  readonly waiting: Waiting;
};

/** The settings for opening a destination. */
export type OpenSettings = {
  readonly sdkAppId: number;
  /** Whether a database schema may be brought up to date. */
  readonly migrate: boolean;
  /** Whether every version of the app's rows is kept from now on. */
  readonly history: boolean;
  /** So many runs of a job stay on record in a database. */
  readonly keepRuns: number;
  /** Whether other processes may pull the app's run at the same time; null when it belongs to this process. */
  readonly share: ShareSettings | null;
  /** How long the destination may be unavailable or busy. */
  readonly maxOutageMs: number;
  readonly caFile: string | null;
  /** How to wait for the lock while another run has it; null to be refused. */
  readonly lockWait: LockWait | null;
  /** Ends the waiting for an unavailable destination, and for its lock. */
  readonly stop: AbortSignal;
  readonly events: DestinationEvents;
};

/**
 * A kind of destination: how `--to` names one, what the rest of the program needs to know of it, and how it is opened. It is
 * data and functions without state. Importing it loads no driver: `open`, `openArchive`, `inspect` and `database` import
 * what does the work when they are called.
 *
 * `Typed` is a destination as typed, `Place` one with absolute directories, both as data that a job may hold. `Queried` is
 * the database alone, for a kind that has one.
 */
export interface DestinationKind<
  Typed extends OfKind = OfKind,
  Place extends OfKind = OfKind,
  Queried extends OfKind = never,
> {
  /** Stands in the `kind` of its data. */
  readonly name: Place['kind'] & Typed['kind'];
  readonly forms: readonly DestinationForm[];
  /** Whether rows of earlier runs stay, so that a run adds, changes and removes rows. Otherwise the rows belong to one run. */
  readonly keepsEarlierRows: boolean;
  /** Where else a job could write, in words that follow "choose": `another directory`. */
  readonly elsewhere: string;
  /** Whether opening it starts a server, which a signal must not leave behind. */
  readonly startsServer: boolean;
  /** Whether erasing a user can remove the record of the only run, so that a place without runs may have been exported to. */
  readonly erasureRemovesRuns: boolean;

  /** @throws {RangeError} with a sentence that repeats nothing of the text, since it may hold a password */
  parse(text: DestinationText): Typed;
  aboutTyped(typed: Typed): TypedFacts;
  /** Makes directories absolute, from `base` on. */
  resolve(typed: Typed, options: PlaceOptions, base: string): Place;
  about(place: Place): PlaceFacts;

  /**
   * Opens it for a run. Its `close` closes all that was opened for it.
   * @throws {InvalidDestination}, {DestinationLocked} and {DestinationError}
   */
  open(place: Place, settings: OpenSettings): Promise<Destination>;
  /**
   * Opens its runs for reading. Its `close` closes everything opened for it.
   * @throws {InvalidDestination} and {DestinationError}
   */
  openArchive(place: Place, settings: ReadSettings): Promise<RunArchive>;
  /** Inspects it without its lock and without writing anything. */
  inspect(place: Place, settings: InspectSettings): Promise<Inspection>;
  /** Null where people cannot query it. */
  readonly database: KindDatabase<Typed, Place, Queried> | null;
}
