import type { Job } from '../../../config/model/job.ts';
import type { Chunk, ChunkResult, RunWriter } from '../../../destinations/contract/destination.ts';
import type { UserOutcome } from '../pull-user.ts';
import { ConsecutiveFailuresGuard } from './consecutive-failures.ts';
import { DeletionsGuard } from './deletions.ts';
import { FailedUsersGuard } from './failed-users.ts';
import { UnknownUsersGuard } from './unknown-users.ts';

/** All that may stop a run before it does harm: what users come to is shown to it, and chunks before they are committed. */
export class Guards {
  readonly #inARow: ConsecutiveFailuresGuard | null;
  readonly #failedUsers: FailedUsersGuard;
  readonly #unknownUsers: UnknownUsersGuard;
  readonly #deletions: DeletionsGuard | null;

  /** @param onHeld told whenever a chunk begins to be held back */
  constructor(
    limits: Job['guards'],
    { record, earlier }: Pick<RunWriter, 'record' | 'earlier'>,
    onHeld: () => void,
  ) {
    const { counts, list, mends } = record;
    // Whoever is in a mending run has failed before: their failing again tells nothing new of the app.
    this.#inARow = mends === null ? new ConsecutiveFailuresGuard() : null;
    this.#failedUsers = new FailedUsersGuard(
      mends === null ? limits.maxFailedUsers : null,
      list.users,
      counts.failed,
    );
    this.#unknownUsers = new UnknownUsersGuard(counts, limits);
    this.#deletions = earlier && new DeletionsGuard({ earlier, limits, onHeld });
  }

  /** Chunks that wait for more users, to be judged together with them. */
  get held(): number {
    return this.#deletions?.held ?? 0;
  }

  /** @throws {ApiUnusable} when too many users in a row came to the same end */
  observe(chunk: Chunk, outcome: UserOutcome): void {
    this.#inARow?.observe(chunk, outcome);
  }

  /** Resolves when a chunk may be committed, which may take until more users are there. @throws {GuardTripped} */
  async check(result: ChunkResult): Promise<void> {
    this.#failedUsers.check(result.counts);
    this.#unknownUsers.check(result.counts);
    await this.#deletions?.check(result);
  }

  /** No more users come: chunks that are held are judged by what is there. */
  evaluateNow(): void {
    this.#deletions?.evaluateNow();
  }
}
