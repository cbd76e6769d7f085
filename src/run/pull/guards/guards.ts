import type { Job } from '../../../config/model/job.ts';
import type { Chunk, ChunkResult, OpenRun } from '../../../destinations/contract/destination.ts';
import type { UserOutcome } from '../pull-user.ts';
import { Deletions } from './deletions.ts';
import { FailedUsers } from './failed-users.ts';
import { FailuresInARow } from './failures-in-a-row.ts';
import { NobodyInApp } from './nobody-in-app.ts';

/** All that may stop a run before it does harm: what users come to is shown to it, and chunks before they are committed. */
export class Guards {
  readonly #inARow: FailuresInARow | null;
  readonly #failedUsers: FailedUsers;
  readonly #nobodyInApp: NobodyInApp;
  readonly #deletions: Deletions | null;

  /** @param onHeld told whenever a chunk begins to be held back */
  constructor(
    limits: Job['guards'],
    { record, earlier }: Pick<OpenRun, 'record' | 'earlier'>,
    onHeld: () => void,
  ) {
    const { counts, list, mends } = record;
    // Whoever is in a mending run has failed before: their failing again tells nothing new of the app.
    this.#inARow = mends === null ? new FailuresInARow() : null;
    this.#failedUsers = new FailedUsers(
      mends === null ? limits.maxFailedUsers : null,
      list.users,
      counts.failed,
    );
    this.#nobodyInApp = new NobodyInApp(counts, limits);
    this.#deletions = earlier && new Deletions({ earlier, limits, onHeld });
  }

  /** Chunks that wait for more users, to be judged together with them. */
  get held(): number {
    return this.#deletions?.held ?? 0;
  }

  /** @throws {ApiUnusable} when too many users in a row came to the same end */
  saw(chunk: Chunk, outcome: UserOutcome): void {
    this.#inARow?.saw(chunk, outcome);
  }

  /** Resolves when a chunk may be committed, which may take until more users are there. @throws {GuardTripped} */
  async admit(result: ChunkResult): Promise<void> {
    this.#failedUsers.admit(result.counts);
    this.#nobodyInApp.admit(result.counts);
    await this.#deletions?.admit(result);
  }

  /** No more users come: chunks that are held are judged by what is there. */
  judgeNow(): void {
    this.#deletions?.judgeNow();
  }
}
