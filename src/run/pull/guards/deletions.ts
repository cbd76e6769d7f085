import type { GuardSettings } from '../../../config/model/job.ts';
import { addChanges, type ChangeTotals } from '../../../destinations/contract/counts.ts';
import type { ChunkResult, ExistingRows, RowChange } from '../../../destinations/contract/destination.ts';
import { GuardTripped } from '../../errors/run-errors.ts';
import { CHECKED_USERS, massDeletion, totalChanges } from './mass-deletion.ts';

// Fewer users are no basis for a decision. They are checked together before any of their deletions is committed.
const FIRST_USERS = 1_000;

export type DeletionsGuardOptions = {
  readonly earlier: Pick<ExistingRows, 'previewCommit' | 'committedChanges'>;
  readonly limits: GuardSettings;
  /** Called when a chunk starts to wait. */
  readonly onWait: () => void;
  /** The changes of chunks that wait in other processes of a shared run. */
  readonly waitingElsewhere: () => ChangeTotals;
};

/** A chunk that was pulled, and its users' changes. */
type Seen = { readonly chunk: number; readonly changes: readonly RowChange[] };

/**
 * Checks the deletions of each chunk together with those of the users before it. Chunks with deletions wait until this attempt
 * has pulled enough users.
 */
export class DeletionsGuard {
  readonly #options: DeletionsGuardOptions;
  /** The last chunks that were pulled here. */
  readonly #seen: Seen[] = [];
  /** Users of all of them. */
  #users = 0;
  /** Null once the first users are checked. */
  #waiting: Map<Seen, () => void> | null = new Map();

  constructor(options: DeletionsGuardOptions) {
    this.#options = options;
  }

  /** Chunks that wait. */
  get waitingChunks(): number {
    return this.#waiting?.size ?? 0;
  }

  /** The changes of the chunks that wait. */
  get waiting(): ChangeTotals {
    return totalChanges([...(this.#waiting?.keys() ?? [])].flatMap(({ changes }) => changes));
  }

  /**
   * Resolves when the chunk can be committed, or when another process pulls it now.
   * @returns its changes
   * @throws {GuardTripped} when the deletions are suspicious
   */
  async check(result: ChunkResult): Promise<ChangeTotals> {
    const { number: chunk, lost } = result.chunk;
    const changes = await this.#options.earlier.previewCommit(result);
    const seen = { chunk, changes };
    this.#users += changes.length;
    if (this.#waiting !== null) {
      this.#seen.push(seen);
      if (this.#users >= FIRST_USERS) this.evaluateNow();
      else if (changes.some((change) => change.lost > 0)) await this.#wait(seen, lost);
      else return totalChanges(changes);
      if (lost?.aborted) this.#drop(seen);
      else await this.#decide(this.#seen);
    } else {
      this.#seen.push(seen);
      await this.#decide(this.#seen, CHECKED_USERS - 1 + changes.length);
    }
    this.#dropEarly();
    return totalChanges(changes);
  }

  /** No more users come, or more chunks cannot wait: checks the users seen so far. */
  evaluateNow(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    for (const resolve of waiting?.values() ?? []) resolve();
  }

  async #wait(seen: Seen, lost: AbortSignal | undefined): Promise<void> {
    const waiting = this.#waiting;
    await new Promise<void>((resolve) => {
      waiting?.set(seen, resolve);
      if (lost?.aborted) resolve();
      lost?.addEventListener('abort', () => resolve(), { once: true });
      this.#options.onWait();
    });
    waiting?.delete(seen);
  }

  /** Its users are pulled, and checked, elsewhere. */
  #drop(seen: Seen): void {
    const at = this.#seen.indexOf(seen);
    if (at >= 0) this.#seen.splice(at, 1);
  }

  /** Drops the chunks before the last users who are checked together. */
  #dropEarly(): void {
    let users = this.#seen.reduce((sum, { changes }) => sum + changes.length, 0);
    while (users - (this.#seen[0]?.changes.length ?? 0) >= CHECKED_USERS)
      users -= this.#seen.shift()?.changes.length ?? 0;
  }

  /** @param last how many users are checked together at most */
  async #decide(chunks: readonly Seen[], last = CHECKED_USERS): Promise<void> {
    const { limits, earlier, waitingElsewhere } = this.#options;
    if (limits.allowMassDeletion) return;
    const here = totalChanges(chunks.flatMap(({ changes }) => changes).slice(-last));
    const missing = FIRST_USERS - here.users;
    // Too few users to decide on alone. Chunks without deletions do not wait, so an attempt that resumes a run would see the others.
    const totals =
      missing <= 0
        ? here
        : addChanges(
            addChanges(here, waitingElsewhere()),
            await earlier.committedChanges(
              missing,
              chunks.map(({ chunk }) => chunk),
            ),
          );
    const wrong = massDeletion(totals, limits);
    if (wrong === null) return;
    throw new GuardTripped(
      `${wrong}; this chunk was not written. If the users did this themselves, start again with --allow-mass-deletion`,
    );
  }
}
