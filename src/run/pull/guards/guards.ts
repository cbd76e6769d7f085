import type { Job } from '../../../config/model/job.ts';
import { type ChangeTotals, NO_CHANGES } from '../../../destinations/contract/counts.ts';
import type { Chunk, ChunkResult, RunWriter, SharedRun } from '../../../destinations/contract/destination.ts';
import type { WorkerReport } from '../../../destinations/contract/sharing.ts';
import type { UserOutcome } from '../pull-user.ts';
import { ConsecutiveFailuresGuard } from './consecutive-failures.ts';
import { DeletionsGuard } from './deletions.ts';
import { FailedUsersGuard } from './failed-users.ts';
import { UnknownUsersGuard } from './unknown-users.ts';

/** The guards of a run. They see each user's outcome, and each chunk before it is committed. */
export class Guards {
  readonly #inARow: ConsecutiveFailuresGuard | null;
  readonly #failedUsers: FailedUsersGuard;
  readonly #unknownUsers: UnknownUsersGuard;
  readonly #deletions: DeletionsGuard | null;
  readonly #shared: SharedRun | null;

  /** @param onWait called when a chunk starts to wait */
  constructor(
    limits: Job['guards'],
    { record, earlier, shared }: Pick<RunWriter, 'record' | 'earlier' | 'shared'>,
    onWait: () => void,
  ) {
    this.#shared = shared;
    const { counts, list, retryOfRun } = record;
    // In a retry run, every user has failed before: repeated failures say nothing new about the app.
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
      onWait,
      isAnyKnownElsewhere: () => shared?.others.hasKnownUser ?? false,
    });
    const waitingElsewhere = (): ChangeTotals => shared?.others.waiting ?? NO_CHANGES;
    this.#deletions = earlier && new DeletionsGuard({ earlier, limits, onWait, waitingElsewhere });
  }

  /** What the other processes of a shared run need to know of the guards here. */
  get report(): Pick<WorkerReport, 'hasKnownUser' | 'waiting'> {
    return {
      hasKnownUser: this.#unknownUsers.hasKnownUser,
      waiting: this.#deletions?.waiting ?? NO_CHANGES,
    };
  }

  /** The others of a shared run have sent their reports: chunks that wait may have to wait no longer. */
  lookElsewhere(): void {
    this.#unknownUsers.lookElsewhere();
  }

  /** Chunks that wait for a guard. */
  get waitingChunks(): number {
    return this.waitingWithoutRows + (this.#deletions?.waitingChunks ?? 0);
  }

  /** Of these, the chunks without an exported user: they take no memory. */
  get waitingWithoutRows(): number {
    return this.#unknownUsers.waitingChunks;
  }

  /** @throws {ApiUnusable} when too many users in a row failed in the same way */
  observe(chunk: Chunk, outcome: UserOutcome): void {
    this.#inARow?.observe(chunk, outcome);
    if (isKnownToApp(chunk, outcome)) this.#unknownUsers.recordKnownUser();
  }

  /**
   * Resolves when the chunk can be committed. This may take until more users are pulled.
   * @returns how it changes rows of earlier runs; null when there are none
   * @throws {GuardTripped}
   */
  async check(result: ChunkResult): Promise<ChangeTotals | null> {
    const { counts } = result;
    if (counts.failed > 0) await this.#shared?.hearOthers();
    this.#failedUsers.check(counts, this.#shared?.committedElsewhere.counts.failed);
    await this.#unknownUsers.check(result);
    return (await this.#deletions?.check(result)) ?? null;
  }

  /** No more users come: decides on the waiting chunks now. */
  evaluateNow(): void {
    // The guard of deletions decides only once, and only on chunks that wait for no other guard.
    if (this.waitingWithoutRows > 0) this.#unknownUsers.evaluateNow();
    else this.#deletions?.evaluateNow();
  }
}

/** A user with a transient error in the first pass is pulled again, and may turn out to be unknown to the app. */
function isKnownToApp({ pass }: Chunk, outcome: UserOutcome): boolean {
  if (outcome.kind !== 'unexported') return outcome.kind === 'exported';
  const { reason } = outcome.row;
  return reason !== 'not_in_app' && !(reason === 'transient_error' && pass === 1);
}
