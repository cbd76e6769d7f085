import type { Throttle } from './throttle.ts';

/** A throttle that a worker asks all workers to keep. */
export type ThrottleReport = Pick<Throttle, 'factor' | 'recoveryMs'> & {
  /** How long ago the call was sent that met the rate-limit error, ms: one that was sent before the last cut tells nothing new. */
  readonly sentMsAgo: number;
};

/** What a worker asks of the quota, and what it reports: all in one exchange, so that its report takes effect with its slots. */
export type LeaseRequest = {
  /** The most slots that the worker can use now; 0 to report, or to read the state of the quota. */
  readonly slots: number;
  /** How long the answer may take to come here, ms. An earlier slot would be over by then. */
  readonly answerMs: number;
  /** Calls that the rate allows in its period, and the period, ms. */
  readonly calls: number;
  readonly periodMs: number;
  /** The margin that this worker needs, ms. The widest of all workers counts. */
  readonly marginMs: number;
  /** The throttle of the first calls: of a quota that is new, or was not used for long. */
  readonly start: Pick<Throttle, 'factor' | 'recoveryMs'>;
  /** After a rate-limit error. */
  readonly throttle: ThrottleReport | null;
  /** For how long no worker may call, ms; 0 for no wait. */
  readonly pauseMs: number;
  /** Whether the clock of the leases jumped ahead. Slots that were leased before may still be used, so new ones begin after them. */
  readonly hasJumped: boolean;
};

/** The answer of the quota. Instants are ms of the clock of the leases, since an instant of its own. */
export type Lease = {
  /** The instant of this answer. */
  readonly now: number;
  /** How many slots were leased. */
  readonly slots: number;
  /** The instant of the first slot. Without slots: from when on there may be some. */
  readonly first: number;
  /** Between two slots, ms. */
  readonly intervalMs: number;
  /** The margin of all workers, ms. */
  readonly marginMs: number;
  /** The throttle of all workers. */
  readonly throttle: Throttle;
  /** Whether rate-limit errors caused it, not the start. */
  readonly isLimited: boolean;
  /** No worker calls before this instant. */
  readonly pausedUntil: number;
};

/** Where the workers of a shared run lease the slots of one quota. */
export type SlotLeases = {
  /**
   * One exchange with the quota. A limiter makes one at a time.
   * @returns null while the quota cannot be reached: the request may have had its effect, or not
   * @throws an error that another try does not cure
   */
  lease(request: LeaseRequest): Promise<Lease | null>;
};
