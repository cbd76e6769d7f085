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
    const { counts, list, retryOfRun } = record;
    // Whoever is in a mending run has failed before: their failing again tells nothing new of the app.
    this.#inARow = retryOfRun === null ? new ConsecutiveFailuresGuard() : null;
    this.#failedUsers = new FailedUsersGuard(
      retryOfRun === null ? limits.maxFailedUsers : null,
      list.users,
      counts.failed,
    );
    this.#unknownUsers = new UnknownUsersGuard({
      before: counts,
      limits,
      earlier: retryOfRun === null ? earlier : null,
      onHeld,
    });
    this.#deletions = earlier && new DeletionsGuard({ earlier, limits, onHeld });
  }

  /** Chunks that wait for more users, to be judged together with them. */
  get held(): number {
    return this.heldWithoutRows + (this.#deletions?.held ?? 0);
  }

  /** Of these, the chunks without an exported user: they take up no room. */
  get heldWithoutRows(): number {
    return this.#unknownUsers.held;
  }

  /** @throws {ApiUnusable} when too many users in a row came to the same end */
  observe(chunk: Chunk, outcome: UserOutcome): void {
    this.#inARow?.observe(chunk, outcome);
    if (isKnownToApp(chunk, outcome)) this.#unknownUsers.recordKnownUser();
  }

  /** Resolves when a chunk may be committed, which may take until more users are there. @throws {GuardTripped} */
  async check(result: ChunkResult): Promise<void> {
    this.#failedUsers.check(result.counts);
    await this.#unknownUsers.check(result);
    await this.#deletions?.check(result);
  }

  /** No more users come: chunks that are held are judged by what is there. */
  evaluateNow(): void {
    // The guard of deletions judges only once, and by chunks that wait for nothing else.
    if (this.heldWithoutRows > 0) this.#unknownUsers.evaluateNow();
    else this.#deletions?.evaluateNow();
  }
}

/** A user with a transient error in the first pass is pulled again, and may not be in the app after all. */
function isKnownToApp({ pass }: Chunk, outcome: UserOutcome): boolean {
  if (outcome.kind !== 'unexported') return outcome.kind === 'exported';
  const { reason } = outcome.row;
  return reason !== 'not_in_app' && !(reason === 'transient_error' && pass === 1);
}
