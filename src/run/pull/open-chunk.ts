import { setMaxListeners } from 'node:events';
import { growingCounts, type RunCounts } from '../../destinations/contract/counts.ts';
import type { Chunk, ChunkResult, EncodedUser } from '../../destinations/contract/destination.ts';
import type { UserRows } from '../../rows/normalize.ts';
import type { UnexportedUserRow } from '../../rows/tables.ts';
import { type CallTally, newTally } from '../calls/api-caller.ts';
import type { InFlight } from './in-flight/in-flight.ts';
import type { ScratchFile } from './in-flight/scratch-file.ts';
import { UserPages } from './in-flight/user-pages.ts';
import { Deferred, type PullContext, type UserOutcome } from './pull-user.ts';

export type OpenChunkOptions = {
  /** Pulls a user, and hands the rows over as `pullUser` does. */
  readonly pull: (
    userId: string,
    context: PullContext,
    take: (rows: UserRows, more?: Iterable<UserRows>) => void,
  ) => Promise<UserOutcome>;
  readonly encode: (user: UserRows, more: Iterable<UserRows>) => EncodedUser;
  /** An error thrown here ends the run. */
  readonly onOutcome: (outcome: UserOutcome) => void;
  readonly total: CallTally;
  readonly inFlight: InFlight;
  readonly onChange: () => void;
};

const DEFERRED: UserOutcome = { kind: 'deferred' };

/** A chunk whose users are being pulled: the results so far, and the users still to come. */
export class OpenChunk {
  readonly chunk: Chunk;
  /** Resolves when every user has started and is processed or deferred. Rejects with the error that ends the run. */
  readonly pulled: Promise<void>;
  readonly #tally: CallTally = newTally();
  readonly #counts = growingCounts();
  readonly #exported: EncodedUser[] = [];
  readonly #unexported: UnexportedUserRow[] = [];
  readonly #deferred: string[] = [];
  readonly #remaining: string[] = [];
  readonly #deferring = new AbortController();
  readonly #waiting = new Set<string>();
  readonly #options: OpenChunkOptions;
  #deferTo: 'second-pass' | 'later' = 'later';
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #begun = 0;
  #ended = 0;
  #bytes = 0;
  /** Of these, the bytes in memory. */
  #taken = 0;
  readonly #scratch: ScratchFile;

  constructor(chunk: Chunk, options: OpenChunkOptions) {
    this.chunk = chunk;
    this.#options = options;
    this.#scratch = options.inFlight.newFile();
    // Every waiting user listens to it.
    setMaxListeners(0, this.#deferring.signal);
    this.pulled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (chunk.userIds.length === 0) this.#resolve();
    // The awaiting code gets the rejection. Until then it must not count as unhandled.
    this.pulled.catch(() => {});
  }

  /** Bytes of this chunk, in memory or in a file, until it is committed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Users who wait before they try again. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** True when the only users left wait before their next attempt. */
  get onlyWaits(): boolean {
    return this.waiting > 0 && this.waiting === this.chunk.userIds.length - this.#ended;
  }

  /** True once its users were deferred. It may still have to be committed. */
  get isDeferred(): boolean {
    return this.#deferring.signal.aborted;
  }

  /** Starts the next user; false when there is none. */
  begin(): boolean {
    const place = this.#begun;
    const userId = this.chunk.userIds[place];
    if (userId === undefined) return false;
    this.#begun += 1;
    this.#pullOne(userId, place).then(() => {
      this.#ended += 1;
      if (this.#ended === this.chunk.userIds.length) this.#resolve();
      this.#options.onChange();
    }, this.#reject);
    return true;
  }

  /** Frees the rows, which are committed or abandoned. */
  close(): void {
    this.#options.inFlight.rows.give(this.#taken);
    this.#taken = 0;
    this.#scratch.close();
  }

  /**
   * Defers every user who is not processed, before their next attempt.
   * @param to where they start again: the second pass, or the pass of this chunk when the run is resumed
   */
  defer(to: 'second-pass' | 'later'): void {
    if (!this.isDeferred) this.#deferTo = to;
    this.#deferring.abort(new Deferred('let go'));
    while (this.begin());
  }

  result(removeNotInApp: boolean): ChunkResult {
    return {
      chunk: this.chunk,
      exported: this.#exported,
      unexported: this.#unexported,
      deferred: this.#deferred,
      remaining: this.#remaining,
      counts: this.#finalCounts(),
      removeNotInApp,
    };
  }

  async #pullOne(userId: string, place: number): Promise<void> {
    const { pull, total, inFlight, onOutcome, onChange } = this.#options;
    const pages = new UserPages(inFlight.pages, this.#scratch);
    const { signal } = this.#deferring;
    const context: PullContext = {
      // Earlier chunks first, so that chunks finish in order and few are open. Within a chunk, earlier users first: the pages of
      // a user stay in memory until the last, so few users should be half-way.
      priority: -(this.chunk.number + place / this.chunk.userIds.length),
      signal,
      tallies: [this.#tally, total],
      keep: pages.keep,
      onWait: (waiting) => {
        if (waiting) this.#waiting.add(userId);
        else this.#waiting.delete(userId);
        onChange();
      },
    };
    const outcome = signal.aborted
      ? DEFERRED
      : await pull(userId, context, (rows, more = []) => this.#add(rows, more)).finally(() =>
          pages.release(),
        );
    this.#waiting.delete(userId);
    onOutcome(outcome);
    if (outcome.kind === 'exported') return;
    if (outcome.kind === 'deferred')
      (this.#deferTo === 'later' ? this.#remaining : this.#deferred).push(userId);
    // A temporary fault may have passed at the end of the run.
    else if (outcome.row.reason === 'transient_error' && this.chunk.pass === 1) this.#deferred.push(userId);
    else this.#addUnexported(outcome.row);
  }

  #add(rows: UserRows, more: Iterable<UserRows>): void {
    const tally = newRowTally();
    const rest = countedAll(more, tally);
    const encoded = this.#options.encode(counted(rows, tally), rest);
    // A destination that does not read all of a user's rows must not make the run count fewer.
    for (const _ of rest);
    this.#exported.push(encoded);
    this.#bytes += encoded.bytes;
    if (this.#options.inFlight.rows.take(encoded.bytes)) this.#taken += encoded.bytes;
    else encoded.moveTo(this.#scratch);
    const counts = this.#counts;
    counts.exported += 1;
    // Only for a user with all pages.
    for (const key of ROW_COUNTS) counts[key] += tally[key];
  }

  #addUnexported(row: UnexportedUserRow): void {
    this.#unexported.push(row);
    if (row.reason === 'not_in_app') {
      this.#counts.notInApp += 1;
      return;
    }
    this.#counts.failed += 1;
    const key = row.error_code === null ? row.reason : String(row.error_code);
    this.#counts.failures[key] = (this.#counts.failures[key] ?? 0) + 1;
  }

  #finalCounts(): RunCounts {
    const { calls, retries, pages, errors } = this.#tally;
    return Object.freeze({ ...this.#counts, calls, retries, pages, errors: { ...errors } });
  }
}

const ROW_COUNTS = [
  'conversations',
  'contactGroups',
  'memberships',
  'unnamedGroups',
  'skippedItems',
  'replacedTexts',
  'unknownFields',
] as const;

type RowTally = Record<(typeof ROW_COUNTS)[number], number>;

const newRowTally = (): RowTally => ({
  conversations: 0,
  contactGroups: 0,
  memberships: 0,
  unnamedGroups: 0,
  skippedItems: 0,
  replacedTexts: 0,
  unknownFields: 0,
});

function counted(rows: UserRows, tally: RowTally): UserRows {
  tally.conversations += rows.conversations.length;
  tally.contactGroups += rows.contactGroups.length;
  tally.memberships += rows.memberships.length;
  tally.unnamedGroups += rows.oddities.unnamedGroups;
  tally.skippedItems += rows.oddities.skippedItems;
  tally.replacedTexts += rows.oddities.replacedTexts;
  tally.unknownFields += rows.oddities.unknownFields;
  return rows;
}

function* countedAll(slices: Iterable<UserRows>, tally: RowTally): Generator<UserRows> {
  for (const rows of slices) yield counted(rows, tally);
}
