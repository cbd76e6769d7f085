import type { RunCounts } from '../destinations/counts.ts';
import { addCounts, NO_COUNTS } from '../destinations/counts.ts';
import type { Chunk, ChunkResult } from '../destinations/destination.ts';
import type { UserRows } from '../tables/normalize.ts';
import type { UnexportedUserRow } from '../tables/tables.ts';
import { type CallTally, newTally } from './caller.ts';
import { LetGo, type PullContext, type UserOutcome } from './pull-user.ts';

type Pull = (userId: string, context: PullContext) => Promise<UserOutcome>;

/** A chunk whose users are being pulled: what has come in, and who is still out. */
export class OpenChunk {
  readonly chunk: Chunk;
  /** Settles when every user is done with or let go; rejects with what ends the run. */
  readonly pulled: Promise<void>;
  readonly #tally: CallTally = newTally();
  readonly #exported: UserRows[] = [];
  readonly #unexported: UnexportedUserRow[] = [];
  readonly #deferred: string[] = [];
  readonly #out = new Map<string, AbortController>();
  readonly #waiting = new Set<string>();
  readonly #onChange: () => void;

  constructor(chunk: Chunk, pull: Pull, total: CallTally, onChange: () => void) {
    this.chunk = chunk;
    this.#onChange = onChange;
    this.pulled = Promise.all(chunk.userIds.map((userId) => this.#pullOne(userId, pull, total))).then(
      () => {},
    );
    // Whoever awaits it is told; meanwhile it must not count as unhandled.
    this.pulled.catch(() => {});
  }

  /** Users who wait before they try again. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** True when nobody is left but users who wait before they try again. */
  get onlyWaits(): boolean {
    return this.#out.size > 0 && this.#out.size === this.#waiting.size;
  }

  /** True when some user has come to an end, so that there is something to commit. */
  get hasResults(): boolean {
    return this.#exported.length + this.#unexported.length > 0;
  }

  /** Lets go of every user who is still out, before their next attempt. */
  letGo(): void {
    for (const controller of this.#out.values()) controller.abort(new LetGo('let go'));
  }

  result(removeNotInApp: boolean): ChunkResult {
    return {
      chunk: this.chunk,
      exported: this.#exported,
      unexported: this.#unexported,
      deferred: this.#deferred,
      counts: countsOf(this.#exported, this.#unexported, this.#tally),
      removeNotInApp,
    };
  }

  async #pullOne(userId: string, pull: Pull, total: CallTally): Promise<void> {
    const controller = new AbortController();
    this.#out.set(userId, controller);
    const outcome = await pull(userId, {
      // Earlier chunks first, so that they close in order and few are open.
      urgency: -this.chunk.number,
      signal: controller.signal,
      tallies: [this.#tally, total],
      onWait: (waiting) => {
        if (waiting) this.#waiting.add(userId);
        else this.#waiting.delete(userId);
        this.#onChange();
      },
    });
    this.#out.delete(userId);
    this.#waiting.delete(userId);
    if (outcome.kind === 'exported') this.#exported.push(outcome.rows);
    else if (outcome.kind === 'let-go') this.#deferred.push(userId);
    // A fault that may have passed by the end of the run gets its chance then.
    else if (outcome.row.reason === 'transient_error' && this.chunk.pass === 1) this.#deferred.push(userId);
    else this.#unexported.push(outcome.row);
    this.#onChange();
  }
}

function countsOf(
  exported: readonly UserRows[],
  unexported: readonly UnexportedUserRow[],
  { calls, pages, errors }: CallTally,
): RunCounts {
  let counts = addCounts(NO_COUNTS, { calls, pages, errors });
  for (const user of exported) {
    counts = addCounts(counts, {
      exported: 1,
      conversations: user.conversations.length,
      contactGroups: user.contactGroups.length,
      memberships: user.memberships.length,
      ...user.oddities,
    });
  }
  for (const { reason, error_code } of unexported) {
    const key = error_code === null ? reason : String(error_code);
    const failure = { failed: 1, failures: { [key]: 1 } };
    counts = addCounts(counts, reason === 'not_in_app' ? { notInApp: 1 } : failure);
  }
  return counts;
}
