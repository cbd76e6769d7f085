import { LocalRateLimiter } from '../../src/resilience/local-rate-limiter.ts';
import type { RateMargin, Refusal } from '../../src/resilience/rate-control.ts';
import type { Slot } from '../../src/resilience/rate-limiter.ts';
import { ModelClock } from './model-clock.ts';
import { never } from './timing.ts';

export type Model = {
  /** Calls a second that the program is given. */
  readonly rate: number;
  readonly margin: RateMargin;
  readonly seconds: number;
  /** Calls that the server accepts in any 1,000 ms; the rate if it is not given. */
  readonly quota?: number;
  /** How long a call is on its way, ms, in a second of the model. @param random 0 to 1, exclusive */
  readonly delayMs?: (second: number, random: () => number) => number;
  /** When a call arrives that would arrive at this ms of the model: later where the line stands still. */
  readonly arrivesAt?: (ms: number) => number;
  /** Calls a second that another client makes, in a second of the model. */
  readonly others?: (second: number) => number;
  /** Whether refused calls count against the quota, too. */
  readonly countsRefused?: boolean;
  readonly seed?: number;
};

/** The calls of one second of the model. */
export type ModelSecond = {
  answered: number;
  refused: number;
  readonly refusals: Partial<Record<Refusal, number>>;
  /** At its end. */
  marginMs: number;
  ratio: number;
};

const LATENCY_MS = [20, 200] as const;

/**
 * A server that accepts a quota in any 1,000 ms by arrival, a line that delays each call by itself, and a program that never
 * runs out of work. Time is the model's.
 */
export async function runModel(model: Model): Promise<readonly ModelSecond[]> {
  const { rate, margin, seconds, quota = rate, countsRefused = true, delayMs = () => 0 } = model;
  const clock = new ModelClock();
  const began = clock.now();
  const since = (): number => clock.now() - began;
  const random = randomFrom(model.seed ?? 1);
  const limiter = new LocalRateLimiter({ rate, margin, clock });
  const course: ModelSecond[] = [];
  const arrivals: number[] = [];
  const others = otherCalls(model.others ?? (() => 0));

  const end = (slot: Slot, isRefused: boolean): void => {
    const second = course.at(-1);
    const refusal = isRefused ? slot.limited() : slot.accepted();
    slot.release();
    if (second !== undefined) {
      second[isRefused ? 'refused' : 'answered'] += 1;
      if (refusal !== undefined) second.refusals[refusal] = (second.refusals[refusal] ?? 0) + 1;
    }
    void call();
  };
  const arrive = (slot: Slot): void => {
    const at = since();
    while ((arrivals[0] ?? at) <= at - 1000) arrivals.shift();
    const isRefused = arrivals.length + others(at) + 1 > quota;
    if (!isRefused || countsRefused) arrivals.push(at);
    clock.schedule(() => end(slot, isRefused), LATENCY_MS[0] + random() * (LATENCY_MS[1] - LATENCY_MS[0]));
  };
  const call = async (): Promise<void> => {
    const slot = await limiter.slot(never);
    slot.written();
    const at = since() + delayMs(since() / 1000, random);
    clock.schedule(() => arrive(slot), (model.arrivesAt?.(at) ?? at) - since());
  };
  for (let n = 0; n < Math.max(16, rate * 0.3); n += 1) void call();
  for (let n = 0; n < seconds; n += 1) {
    const second = { answered: 0, refused: 0, refusals: {}, marginMs: 0, ratio: 1 };
    course.push(second);
    await clock.advance(1000);
    second.marginMs = limiter.marginMs;
    second.ratio = limiter.factor;
  }
  return course;
}

/** From a second of the model up to another: the share of the rate that was answered, and of the calls that were refused. */
export function sharesOf(
  course: readonly ModelSecond[],
  rate: number,
  from: number,
  to = course.length,
): { readonly answered: number; readonly refused: number } {
  const answered = sumOf(course, 'answered', from, to);
  const refused = sumOf(course, 'refused', from, to);
  return { answered: answered / (rate * (to - from)), refused: refused / (answered + refused) };
}

export const sumOf = (
  course: readonly ModelSecond[],
  key: 'answered' | 'refused',
  from = 0,
  to = course.length,
): number => course.slice(from, to).reduce((sum, second) => sum + second[key], 0);

/** Counts the other client's calls, which are even, in the 1,000 ms that end with an instant. */
function otherCalls(callsASecond: (second: number) => number): (at: number) => number {
  const calls: number[] = [];
  let until = 0;
  let due = 0;
  return (at) => {
    for (; until < at; until += 1) {
      due += callsASecond(until / 1000) / 1000;
      for (; due >= 1; due -= 1) calls.push(until);
    }
    while ((calls[0] ?? at) <= at - 1000) calls.shift();
    return calls.length;
  };
}

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
