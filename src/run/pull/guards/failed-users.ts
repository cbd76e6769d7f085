import type { GuardSettings } from '../../../config/model/job.ts';
import type { RunCounts } from '../../../destinations/contract/counts.ts';
import { GuardTripped } from '../../errors/run-errors.ts';

/** Stops a run when more users fail than `--max-failed-users` allows. */
export class FailedUsersGuard {
  readonly #most: number;
  readonly #limit: string;
  #failed: number;

  /** @param users of the whole plan @param failed users whom earlier attempts of the run committed as failed */
  constructor(limit: GuardSettings['maxFailedUsers'], users: number, failed: number) {
    this.#failed = failed;
    if (limit === null) {
      this.#most = Number.POSITIVE_INFINITY;
      this.#limit = '';
    } else if ('number' in limit) {
      this.#most = limit.number;
      this.#limit = String(limit.number);
    } else {
      this.#most = limit.share * users;
      this.#limit = `${limit.share * 100}%`;
    }
  }

  /**
   * Counts the failed users of a chunk before it is committed.
   * @param elsewhere users whom other processes of a shared run have committed as failed
   * @throws {GuardTripped}
   */
  check({ failed, failures }: RunCounts, elsewhere = 0): void {
    if (failed === 0) return;
    this.#failed += failed;
    const total = this.#failed + elsewhere;
    if (total <= this.#most) return;
    const codes = Object.entries(failures)
      .sort(([, a], [, b]) => b - a)
      .map(([code, users]) => `${code}: ${users}`)
      .join(', ');
    throw new GuardTripped(
      `${total} users have failed so far, over --max-failed-users ${this.#limit}; ${failed} of them (${codes}) are in the ` +
        'chunk that was not written; fix the cause, or raise the limit, and start again',
    );
  }
}
