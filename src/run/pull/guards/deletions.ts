import type { GuardSettings } from '../../../config/model/job.ts';
import type { ChunkResult, ExistingRows, RowChange } from '../../../destinations/contract/destination.ts';
import { GuardTripped } from '../../errors/run-errors.ts';
import { JUDGED_USERS, massDeletion } from './mass-deletion.ts';

// Fewer would be too few to tell a fault by: they are judged together before any of their deletions is committed.
const FIRST_USERS = 1_000;

export type DeletionsGuardOptions = {
  readonly earlier: ExistingRows;
  readonly limits: GuardSettings;
  /** Told whenever a chunk begins to be held back. */
  readonly onHeld: () => void;
};

/**
 * Judges what each chunk would take away, together with the users before it. Chunks that take something away are held
 * until enough users of this attempt are there to be judged.
 */
export class DeletionsGuard {
  readonly #options: DeletionsGuardOptions;
  /** Of the users before, the last ones. */
  #seen: RowChange[] = [];
  #users = 0;
  /** Null when the first users have been judged. */
  #held: (() => void)[] | null = [];

  constructor(options: DeletionsGuardOptions) {
    this.#options = options;
  }

  /** Chunks that are held back. */
  get held(): number {
    return this.#held?.length ?? 0;
  }

  /** Resolves when the chunk may be committed. @throws {GuardTripped} when it may not */
  async check(result: ChunkResult): Promise<void> {
    const changes = await this.#options.earlier.previewCommit(result);
    this.#users += changes.length;
    if (this.#held === null) {
      this.#judge([...this.#seen.slice(-(JUDGED_USERS - 1)), ...changes]);
      this.#seen = [...this.#seen, ...changes].slice(-JUDGED_USERS);
      return;
    }
    this.#seen.push(...changes);
    if (this.#users >= FIRST_USERS) {
      this.evaluateNow();
      this.#judge(this.#seen);
      return;
    }
    if (!changes.some(({ lost }) => lost > 0)) return;
    const held = this.#held;
    await new Promise<void>((resolve) => {
      held.push(resolve);
      this.#options.onHeld();
    });
    this.#judge(this.#seen);
  }

  /** No more users come, or can be held: those who are there are judged as they are. */
  evaluateNow(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const resolve of held) resolve();
  }

  #judge(changes: readonly RowChange[]): void {
    const { limits } = this.#options;
    if (limits.allowMassDeletion) return;
    const wrong = massDeletion(changes, limits);
    if (wrong === null) return;
    throw new GuardTripped(
      `${wrong}; this chunk was not written. If the users did this themselves, start again with --allow-mass-deletion`,
    );
  }
}
