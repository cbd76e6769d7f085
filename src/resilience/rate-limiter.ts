import { MARGIN_BOUNDS_MS } from './margin.ts';
import type { RateMargin, Refusal } from './rate-control.ts';

/** Permission for one attempt. */
export type Slot = {
  /** The request is being written to its socket now. */
  written(): void;
  /** The attempt has ended. In one process, a slot whose request was never written counts from here. */
  release(): void;
  /** The server answered this attempt, and not with a rate-limit error. */
  accepted(): void;
  /** The server answered this attempt with a rate-limit error: the margin widens, or all callers slow down. */
  limited(): Refusal;
  /** The server asks to wait this long: no slot is granted meanwhile. */
  hold(ms: number): void;
};

/** Grants each attempt its slot, in the order of requests, so that no more than the rate is called in any second. */
export type RateLimiter = {
  /** Waits for the next slot. @throws the signal's reason when it is aborted meanwhile */
  slot(signal: AbortSignal): Promise<Slot>;
  /** How many callers wait for their slot. */
  readonly waiting: number;
  /** The share of the rate in use after rate-limit errors; 1 without recent ones. */
  readonly factor: number;
  /** The margin in use, ms. */
  readonly marginMs: number;
};

export type RateOptions = {
  /** Calls a second that the server allows; a fraction above 1 is rounded down, one below 1 is one call in 1/rate s. */
  readonly rate: number;
  /** An extra distance, in ms, between a call and the rate-th one before it, for jitter on the way to the server. */
  readonly margin: RateMargin;
};

/**
 * How long no slot is granted after a rate-limit error, ms. Calls under way come back meanwhile. A much longer time would waste
 * quota on a single accidental refusal.
 */
export const PAUSE_AFTER_LIMIT_MS = 100;

/** Calls that a rate allows in its period. */
export const callsInPeriod = (rate: number): number => Math.max(1, Math.floor(rate));

/** The period of a rate, ms: a second, or the time of one call at a rate below 1. */
export const periodMs = (rate: number): number => 1000 / Math.min(1, rate);

/**
 * How long a call counts against the rate, with the margin, ms. How wide an earlier process had its automatic margin is not
 * recorded, so the widest counts.
 */
export const rateWindowMs = ({ rate, margin }: RateOptions): number =>
  periodMs(rate) + (margin === 'auto' ? MARGIN_BOUNDS_MS.most : margin);
