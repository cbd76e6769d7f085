import type { Page, StartIndex } from '../../chat-api/answer.ts';
import { CallError } from '../../chat-api/call-error.ts';
import type { ChatApiClient, KeepPage } from '../../chat-api/client.ts';
import type { SharedRun } from '../../destinations/contract/destination.ts';
import type { RateLimits } from '../../destinations/contract/timeline.ts';
import { CallQueue } from '../../resilience/call-queue.ts';
import { CircuitBreaker } from '../../resilience/circuit-breaker.ts';
import { pause, SYSTEM_CLOCK } from '../../resilience/clock.ts';
import { LocalRateLimiter } from '../../resilience/local-rate-limiter.ts';
import type { RateMargin } from '../../resilience/rate-control.ts';
import type { RateLimiter, Slot } from '../../resilience/rate-limiter.ts';
import { withRetries } from '../../resilience/retry.ts';
import type { Retry } from '../events/run-events.ts';
import { AnswerSizes } from './answer-sizes.ts';
import type { CallsNow } from './bottleneck.ts';
import { classifyFailure, errorKey, stopsTheRun, waitAskedMs } from './classify-failure.ts';
import { RateNotices } from './rate-notices.ts';

/** The calls of one user, or of one chunk. */
export type CallTally = { calls: number; retries: number; pages: number; errors: Record<string, number> };

export const newTally = (): CallTally => ({ calls: 0, retries: 0, pages: 0, errors: {} });

/** Attempts that ended without a page. */
export const failedCalls = ({ errors }: CallTally): number =>
  Object.values(errors).reduce((sum, count) => sum + count, 0);

export type ApiCallerOptions = {
  readonly client: ChatApiClient;
  /** Grants the slots of all calls; without it, this caller has the quota for itself from now on. */
  readonly limiter?: RateLimiter;
  readonly rate: number;
  readonly rateMargin: RateMargin;
  readonly concurrency: number;
  readonly maxAttempts: number;
  readonly maxOutageMs: number;
  readonly onOutage: (outage: { readonly cause: unknown; readonly forMs: number } | null) => void;
  /** A user who was exported before, whose pages are sure to come if the API works; null when there is none yet. */
  readonly canaryUserId: string | null;
  /** The other processes that pull the run; null when there are none. */
  readonly shared?: SharedRun | null;
  /** No first call of several processes before this instant of the monotonic clock. */
  readonly notBefore?: number;
  /** Redacts an error for display. */
  readonly redact: (error: unknown) => unknown;
  /** Called when a call has got its slot. */
  readonly onSlotGranted: () => void;
  /** Called for each failed attempt, probes included, with its `errorKey`. */
  readonly onFailed: (error: string) => void;
  /** Called with each notice that rate-limit errors cause. */
  readonly onRateNotice: (message: string) => void;
  /** Called before each attempt after the first for its page. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
  /** The tally of probes, and of calls outside the queue. */
  readonly probeTallies?: readonly CallTally[];
  /** Ends calls that are under way. */
  readonly abort: AbortSignal;
};

/** The user of a call, and its observers. */
export type CallContext = {
  /** The user's name in messages; without it, the user's ID. */
  readonly name?: string;
  readonly priority: number;
  /** Defers the user before the next attempt. */
  readonly signal: AbortSignal;
  /** Cancels the running call of this user alone. */
  readonly abort?: AbortSignal | undefined;
  readonly tallies: readonly CallTally[];
  /** Turns each page into the value that is kept until the last has come. */
  readonly keep?: KeepPage | undefined;
  readonly onWait: (waiting: boolean) => void;
};

// Each turn asks for the next call at once. The longer a call waits in the queue, the older its objects are at its turn, and the
// later the garbage collector frees its page.
const ENOUGH_WAITING = 16;
// A run that is nearly back at full speed is not slowed for people.
const SLOWED_BELOW = 0.995;

/** Calls of the API as the run makes them: retry ( pace ( one call ) ). */
export class ApiCaller {
  readonly #options: ApiCallerOptions;
  readonly #queue: CallQueue;
  readonly #watch: CircuitBreaker;
  #canaryUserId: string | null;
  /** The error that every further call would meet, too. */
  #refusal: CallError | null = null;
  readonly #failing = new Set<string>();
  readonly #answers = new AnswerSizes();
  readonly #retries: Record<string, number> = {};
  readonly #rateNotices: RateNotices;
  #rateLimitedCalls = 0;
  /** Whether the API has answered since an answer asked to wait. */
  #hasAnswered = false;
  /** Whether the API has accepted a call, here or in another process. */
  #hasReached = false;

  constructor(options: ApiCallerOptions) {
    this.#options = options;
    this.#canaryUserId = options.canaryUserId;
    this.#rateNotices = new RateNotices(options.rate, options.rateMargin);
    this.#watch = new CircuitBreaker({
      maxOutageMs: options.maxOutageMs,
      onChange: options.onOutage,
      signal: options.abort,
      probe: () => this.#probe(),
      // Others reach the API: this process waits as long as they work.
      mayLast: () => options.shared?.othersReachApi === true,
    });
    this.#queue = new CallQueue({
      limiter: options.limiter ?? new LocalRateLimiter({ rate: options.rate, margin: options.rateMargin }),
      // One call goes first: if the key is wrong, the API locks out callers that try it many times.
      concurrency: 1,
      gate: async (signal) => {
        await this.#firstCall(signal);
        await this.#watch.whenClosed(signal);
      },
    });
    options.shared?.onRefresh(() => {
      if (this.#hasReached) this.#widen();
    });
  }

  /** The share of the rate in use after rate-limit errors. */
  get throttleRatio(): number {
    const factor = this.#queue.throttleRatio;
    return factor < SLOWED_BELOW ? factor : 1;
  }

  /** The margin in use, ms, and calls that were answered with a rate-limit error, probes included. */
  get rateLimits(): RateLimits {
    return { rateMarginMs: this.#queue.rateMarginMs, rateLimitedCalls: this.#rateLimitedCalls };
  }

  /** Attempts after the first for their page, by the failure that caused them. */
  get retries(): Readonly<Record<string, number>> {
    return this.#retries;
  }

  /** The state of the calls at this moment. */
  get now(): CallsNow {
    return {
      queued: this.#queue.waitingForSlot,
      underWay: this.#queue.underWay,
      concurrency: this.#queue.concurrency,
      isSlowed: this.throttleRatio < 1,
      isAway: this.#watch.isOpen,
    };
  }

  /** How long ago the API last answered this process, ms. */
  get answeredMsAgo(): number {
    return performance.now() - this.#watch.lastSuccessAt;
  }

  /** How long the API has been unavailable to this process, ms; 0 while it is not. */
  get outageMs(): number {
    return this.#watch.openMs;
  }

  /** True when too few calls wait in the queue to keep the rate limiter busy. */
  get needsWork(): boolean {
    return this.#queue.waiting < Math.min(ENOUGH_WAITING, this.#options.concurrency);
  }

  /** One page, with as many attempts as needed. @throws as `withRetries` and the client do */
  async page(userId: string, startIndex: StartIndex, context: CallContext): Promise<Page> {
    const { signal, priority, tallies, onWait, keep, abort = this.#options.abort } = context;
    let failedBy: string | null = null;
    let attempts = 0;
    const attempt = async (slot: Slot): Promise<Page> => {
      if (this.#refusal !== null) throw this.#refusal;
      this.#options.onSlotGranted();
      for (const tally of tallies) {
        tally.calls += 1;
        if (failedBy !== null) tally.retries += 1;
      }
      attempts += 1;
      if (failedBy !== null) {
        this.#retries[failedBy] = (this.#retries[failedBy] ?? 0) + 1;
        this.#options.onRetry?.({ userId: context.name ?? userId, cause: failedBy, attempt: attempts });
      }
      try {
        const page = await this.#call(userId, startIndex, slot, abort, keep);
        for (const tally of tallies) tally.pages += 1;
        this.#canaryUserId = userId;
        this.#widen();
        this.#noteReached();
        this.#failing.delete(userId);
        return page;
      } catch (error) {
        if (error instanceof CallError) {
          const key = errorKey(error);
          failedBy = key;
          for (const { errors } of tallies) errors[key] = (errors[key] ?? 0) + 1;
          this.#failing.add(userId);
          const isAnswer = error.code !== null;
          if (!stopsTheRun(error)) {
            this.#widen();
            if (isAnswer) this.#noteReached();
          } else if (error.class !== 'sign-again') this.#refusal = error;
        }
        throw error;
      }
    };
    try {
      return await withRetries(() => this.#queue.attempt(attempt, priority, signal), {
        classify: (error) => {
          const decision = classifyFailure(error, this.#options.maxAttempts);
          const atLeastMs = waitAskedMs(error, this.#options.maxOutageMs);
          return decision.kind === 'retry' ? { ...decision, atLeastMs } : decision;
        },
        breaker: this.#watch,
        signal,
        onWait,
      });
    } finally {
      this.#failing.delete(userId);
    }
  }

  /** A text that may quote an answer, without secrets. */
  redacted(text: string): string {
    return this.#options.client.redacted(text);
  }

  /** One attempt at a user's first page, with a slot like any other, without queue and retries. @throws as the client does */
  async once(userId: string): Promise<Page> {
    const { abort, probeTallies = [] } = this.#options;
    return await this.#queue.probe(async (slot) => {
      for (const tally of probeTallies) tally.calls += 1;
      try {
        const page = await this.#call(userId, 0, slot, abort);
        for (const tally of probeTallies) tally.pages += 1;
        return page;
      } catch (error) {
        if (error instanceof CallError) {
          const key = errorKey(error);
          for (const { errors } of probeTallies) errors[key] = (errors[key] ?? 0) + 1;
        }
        throw error;
      }
    }, abort);
  }

  async #call(
    userId: string,
    startIndex: StartIndex,
    slot: Slot,
    abort: AbortSignal,
    keep?: KeepPage,
  ): Promise<Page> {
    try {
      const page = await this.#options.client.call(userId, startIndex, slot.written, abort, (page, text) => {
        this.#answers.observe(text.length);
        return keep === undefined ? page : keep(page, text);
      });
      this.#hasAnswered = true;
      this.#accepted(slot);
      return page;
    } catch (thrown) {
      const error = this.#options.redact(thrown);
      if (error instanceof CallError) {
        this.#options.onFailed(errorKey(error));
        if (error.class === 'limit') this.#limited(slot);
        else if (error.code !== null) this.#accepted(slot);
        if (error.code !== null) this.#hasAnswered = true;
        if (error.retryAfterMs !== null) this.#heed(error, slot);
      }
      throw error;
    }
  }

  /** As many calls as asked for are under way, unless their answers would take too much memory. Processes share the number. */
  #widen(): void {
    const { concurrency, shared } = this.#options;
    const share = Math.ceil(concurrency / (shared?.workers ?? 1));
    this.#queue.setConcurrency(Math.min(share, this.#answers.mostAtOnce));
  }

  /** The API has accepted a call. */
  #noteReached(): void {
    const { shared } = this.#options;
    if (this.#hasReached) return;
    this.#hasReached = true;
    // Without the record, the others wait for a call of their own.
    shared?.apiReached().catch(() => {});
  }

  /** Of several processes, one makes the first call. */
  async #firstCall(signal: AbortSignal): Promise<void> {
    const { shared } = this.#options;
    if (shared == null || this.#hasReached) return;
    if ((await shared.firstCall(signal)) === 'reached') {
      this.#hasReached = true;
      this.#widen();
    }
    // Calls of the attempt before may still count against the rate. The leased slots know nothing of them.
    else await pause(SYSTEM_CLOCK, (this.#options.notBefore ?? 0) - performance.now(), signal);
  }

  /**
   * The answer asks to wait (Retry-After). After a rate-limit error all calls wait. After another error, all wait only when no
   * call was answered since the last such answer: a fault in one part of the service must not stop the rest.
   */
  #heed(error: CallError, slot: Slot): void {
    const isStray = this.#hasAnswered && error.class !== 'limit';
    this.#hasAnswered = false;
    if (!isStray) slot.hold(waitAskedMs(error, this.#options.maxOutageMs));
  }

  #accepted(slot: Slot): void {
    slot.accepted();
    this.#rateNotices.accepted();
  }

  #limited(slot: Slot): void {
    this.#rateLimitedCalls += 1;
    const notice = this.#rateNotices.limited({
      refusal: slot.limited(),
      throttleRatio: this.throttleRatio,
      marginMs: this.#queue.rateMarginMs,
      at: performance.now(),
    });
    if (notice !== null) this.#options.onRateNotice(notice);
  }

  /**
   * A call that succeeds if the API works: for the user who was read last, in this run or before. Without one, for each of the
   * users in turn who fail now.
   */
  async #probe(): Promise<void> {
    const [next] = this.#failing;
    const userId = this.#canaryUserId ?? next;
    if (userId === undefined) throw new Error('there is no user to call for');
    if (userId === next && this.#failing.delete(userId)) this.#failing.add(userId);
    try {
      await this.once(userId);
    } catch (error) {
      // An answer about the user is an answer.
      if (classifyFailure(error, 1).kind === 'retry') throw error;
    }
  }
}
