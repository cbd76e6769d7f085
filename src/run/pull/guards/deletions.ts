import type { GuardSettings } from '../../../config/model/job.ts';
import type { ChunkResult, ExistingRows, RowChange } from '../../../destinations/contract/destination.ts';
import { addChanges, type ChangeTotals } from '../../../destinations/contract/sharing.ts';
import { GuardTripped } from '../../errors/run-errors.ts';
import { CHECKED_USERS, massDeletion, totalChanges } from './mass-deletion.ts';

// Fewer users are no basis for a decision. They are checked together before any of their deletions is committed.
const FIRST_USERS = 1_000;

export type DeletionsGuardOptions = {
  readonly earlier: ExistingRows;
  readonly limits: GuardSettings;
  /** Called when a chunk starts to wait. */
  readonly onWait: () => void;
  /** The changes that other processes of a shared run have checked. */
  readonly elsewhere: () => ChangeTotals;
};

/**
 * Checks the deletions of each chunk together with those of the users before it. Chunks with deletions wait until this attempt
 * has pulled enough users.
 */
export class DeletionsGuard {
  readonly #options: DeletionsGuardOptions;
  /** The last users that were checked. */
  #seen: RowChange[] = [];
  #users = 0;
  /** Null once the first users are checked. */
  #waiting: (() => void)[] | null = [];

  constructor(options: DeletionsGuardOptions) {
    this.#options = options;
  }

  /** Chunks that wait. */
  get waitingChunks(): number {
    return this.#waiting?.length ?? 0;
  }

  /** The changes of the last users that were checked here. */
  get checked(): ChangeTotals {
    return totalChanges(this.#seen);
  }

  /** Resolves when the chunk can be committed. @throws {GuardTripped} when the deletions are suspicious */
  async check(result: ChunkResult): Promise<void> {
    const changes = await this.#options.earlier.previewCommit(result);
    this.#users += changes.length;
    if (this.#waiting === null) {
      this.#decide([...this.#seen.slice(-(CHECKED_USERS - 1)), ...changes]);
      this.#seen = [...this.#seen, ...changes].slice(-CHECKED_USERS);
      return;
    }
    this.#seen.push(...changes);
    if (this.#users >= FIRST_USERS) {
      this.evaluateNow();
      this.#decide(this.#seen);
      return;
    }
    if (!changes.some(({ lost }) => lost > 0)) return;
    const waiting = this.#waiting;
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      this.#options.onWait();
    });
    this.#decide(this.#seen);
  }

  /** No more users come, or more chunks cannot wait: checks the users seen so far. */
  evaluateNow(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const resolve of waiting) resolve();
  }

  #decide(changes: readonly RowChange[]): void {
    const { limits, elsewhere } = this.#options;
    if (limits.allowMassDeletion) return;
    const here = totalChanges(changes);
    // Too few users to decide on alone: other processes have the rest of the plan.
    const totals = here.users < FIRST_USERS ? addChanges(here, elsewhere()) : here;
    const wrong = massDeletion(totals, limits);
    if (wrong === null) return;
    throw new GuardTripped(
      `${wrong}; this chunk was not written. If the users did this themselves, start again with --allow-mass-deletion`,
    );
  }
}
