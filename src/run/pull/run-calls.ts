import type { ChatApiClient } from '../../chat-api/client.ts';
import type { Job } from '../../config/model/job.ts';
import type { SharedRun } from '../../destinations/contract/destination.ts';
import { LeasedRateLimiter } from '../../resilience/leased-rate-limiter.ts';
import { LocalRateLimiter } from '../../resilience/local-rate-limiter.ts';
import type { RateLimiter } from '../../resilience/rate-limiter.ts';
import { ApiCaller, failedCalls, newTally } from '../calls/api-caller.ts';
import { apiClient } from '../calls/api-client.ts';
import { bottleneck, type PassNow } from '../calls/bottleneck.ts';
import { Probes } from '../calls/probes.ts';
import type { Progress, RunEvents } from '../events/run-events.ts';
import type { IdCodec } from '../ids/id-codec.ts';
import { CallShutdown } from './call-shutdown.ts';
import { TimelineRecorder } from './timeline-recorder.ts';

export type RunCallsOptions = {
  readonly names: IdCodec;
  /** The other processes that pull the run; null when there are none. */
  readonly shared: SharedRun | null;
  /** A user who was exported before, or null. */
  readonly canaryUserId: string | null;
  /** No call before this instant of the monotonic clock. */
  readonly notBefore: number;
  readonly events: RunEvents;
  /** Asks the run to stop. */
  readonly stop: AbortSignal;
  /** The bottleneck of the current pass. */
  readonly passNow: () => PassNow;
  /** Called whenever a call gets its slot. */
  readonly onSlotGranted: () => void;
};

/** The API calls of one attempt: makes, counts, times and ends them. */
export class RunCalls {
  readonly caller: ApiCaller;
  readonly recorder: TimelineRecorder;
  readonly shutdown: CallShutdown;
  readonly probes = new Probes();
  /** Of all calls of this attempt. */
  readonly total = newTally();
  readonly #client: ChatApiClient;
  readonly #began = performance.now();

  /** @throws {RunRefused} as `apiClient` does */
  constructor(job: Job, options: RunCallsOptions) {
    const { names, shared, canaryUserId, notBefore, events, stop, passNow, onSlotGranted } = options;
    const onNotice = (message: string): void => events.onNotice?.(message);
    this.recorder = new TimelineRecorder({
      quota: job.pull.rate,
      at: performance.now(),
      bottleneck: () => bottleneck(this.caller.now, passNow()),
      rateLimits: () => this.caller.rateLimits,
    });
    this.shutdown = new CallShutdown(stop, onNotice);
    this.#client = apiClient(job, onNotice, this.recorder);
    this.caller = new ApiCaller({
      ...job.pull,
      client: this.#client,
      limiter: limiterOf(job.pull, shared, notBefore),
      canaryUserId,
      shared,
      notBefore,
      probeTallies: [this.total, this.probes.tally],
      abort: this.shutdown.signal,
      onOutage: (outage) => events.onOutage?.('api', outage),
      onSlotGranted,
      onRetry: events.onRetry,
      onFailed: (error) => this.recorder.failed(performance.now(), error),
      onRateNotice: onNotice,
      redact: names.redact,
    });
  }

  /** The calls so far, and how long this attempt has pulled and committed, ms. */
  get figures(): Pick<Progress, 'calls' | 'failedCalls' | 'rateLimitedCalls' | 'rateMarginMs'> & {
    readonly pullMs: number;
  } {
    return { ...this.#counted, pullMs: performance.now() - this.#began };
  }

  /** The part of the progress that concerns calls. */
  get now(): Pick<
    Progress,
    'calls' | 'failedCalls' | 'rateLimitedCalls' | 'rateMarginMs' | 'retries' | 'waits' | 'throttleRatio'
  > {
    return {
      ...this.#counted,
      retries: this.caller.retries,
      waits: this.recorder.waits,
      throttleRatio: this.caller.throttleRatio,
    };
  }

  get #counted(): Pick<Progress, 'calls' | 'failedCalls' | 'rateLimitedCalls' | 'rateMarginMs'> {
    return {
      calls: this.total.calls,
      failedCalls: failedCalls(this.total),
      ...this.caller.rateLimits,
    };
  }

  /** Ends calls in progress, and closes the connections. */
  async close(): Promise<void> {
    this.shutdown.endNow();
    await this.#client.close();
  }
}

/** Processes that pull a run together lease their slots, so that all of them keep one rate. */
function limiterOf(
  { rate, rateMargin: margin }: Job['pull'],
  shared: SharedRun | null,
  notBefore: number,
): RateLimiter {
  return shared === null
    ? new LocalRateLimiter({ rate, margin, notBefore })
    : new LeasedRateLimiter({ rate, margin, leases: shared.leases });
}
