import { typicalRetryMs } from '../../resilience/backoff.ts';
import { type Clock, SYSTEM_CLOCK } from '../../resilience/clock.ts';
import type { PullContext, UserOutcome } from './pull-user.ts';

/** Measures how long users are retried, so that the remaining time of a run includes it. Calls alone say nothing of it. */
export class RetryTimes {
  readonly #clock: Clock;
  /**
   * How long a user is retried who fails in the end, ms. No retries are expected to take longer: those that did waited for the
   * end of an outage.
   */
  readonly #typicalMs: number;
  /** The first failed call of each user who is being retried, ms of the monotonic clock. */
  readonly #since = new Map<string, number>();
  #longestMs = 0;
  #lastUserAt = 0;
  #deferred = 0;
  #pass: 1 | 2 = 1;

  constructor(maxAttempts: number, clock: Clock = SYSTEM_CLOCK) {
    this.#clock = clock;
    this.#typicalMs = typicalRetryMs(maxAttempts);
  }

  /** Pulls a user and measures the retries. */
  async measure<T>(
    userId: string,
    pass: 1 | 2,
    context: PullContext,
    pull: (context: PullContext) => Promise<UserOutcome<T>>,
  ): Promise<UserOutcome<T>> {
    this.#pass = pass;
    this.#lastUserAt = this.#clock.now();
    const onWait = (waiting: boolean): void => {
      if (waiting && !this.#since.has(userId)) this.#since.set(userId, this.#clock.now());
      context.onWait(waiting);
    };
    try {
      const outcome = await pull({ ...context, onWait });
      if (outcome.kind === 'deferred' || isForSecondPass(outcome)) this.#deferred += 1;
      return outcome;
    } finally {
      const since = this.#since.get(userId);
      this.#since.delete(userId);
      if (since !== undefined) this.#longestMs = Math.max(this.#longestMs, this.#clock.now() - since);
    }
  }

  /**
   * How long retries take after the last call for a new user, ms: those of this pass, and those of the second pass, if it has
   * users. Each takes as long as the longest so far.
   */
  get aheadMs(): number {
    const now = this.#clock.now();
    const [oldest = now] = this.#since.values();
    const longest = Math.min(this.#typicalMs, Math.max(this.#longestMs, now - oldest));
    const inPass = this.#since.size > 0 ? Math.max(0, longest - (now - this.#lastUserAt)) : 0;
    return inPass + (this.#pass === 1 && this.#deferred > 0 ? longest : 0);
  }
}

const isForSecondPass = (outcome: UserOutcome): boolean =>
  outcome.kind === 'unexported' && outcome.row.reason === 'transient_error';
