import { expect, test } from 'vitest';
import { LeasedRateLimiter } from '../../src/resilience/leased-rate-limiter.ts';
import type { RateMargin, Refusal } from '../../src/resilience/rate-control.ts';
import type { Slot } from '../../src/resilience/rate-limiter.ts';
import type { SlotLeases } from '../../src/resilience/slot-leases.ts';
import { LeaseModel } from './lease-model.ts';
import { ManualClock } from './manual-clock.ts';
import { narrowest } from './narrowest.ts';
import { never } from './timing.ts';

const RATE = 200;

/** The same numbers in each run. */
function evenly(least: number, most: number): () => number {
  let n = 0;
  return () => {
    n += 1;
    return least + ((n * 0.618034) % 1) * (most - least);
  };
}

/** A worker that always has calls to make, each of which takes 20 to 200 ms. */
class Worker {
  readonly limiter: LeasedRateLimiter;
  readonly writes: number[] = [];
  readonly #clock: ManualClock;
  readonly #latency = evenly(20, 200);
  readonly #end: (slot: Slot) => void;

  constructor(
    clock: ManualClock,
    leases: SlotLeases,
    {
      margin = 14,
      end = () => {},
    }: { readonly margin?: RateMargin; readonly end?: (slot: Slot) => void } = {},
  ) {
    this.#clock = clock;
    this.#end = end;
    this.limiter = new LeasedRateLimiter({ leases, rate: RATE, margin, clock });
    for (let n = 0; n < 64; n += 1) void this.#call();
  }

  async #call(): Promise<void> {
    const slot = await this.limiter.slot(never);
    slot.written();
    this.writes.push(this.#clock.now());
    await this.#clock.wait(this.#latency());
    this.#end(slot);
    slot.release();
    void this.#call();
  }
}

/** The writes of all workers, in order. */
const writesOf = (workers: readonly Worker[]): readonly number[] =>
  workers.flatMap(({ writes }) => writes).sort((a, b) => a - b);

const countBetween = (writes: readonly number[], from: number, to: number): number =>
  writes.filter((at) => at >= from && at < to).length;

function threeWorkers(options: { readonly margin?: RateMargin } = {}) {
  const clock = new ManualClock();
  const [there, back] = [evenly(0.2, 3), evenly(0.2, 2)];
  const leases = new LeaseModel(clock, () => [there(), back()]);
  return { clock, leases, workers: [1, 2, 3].map(() => new Worker(clock, leases, options)) };
}

test('three workers never pass the rate in any second, and use nearly all of it', async () => {
  const { clock, workers } = threeWorkers();
  const began = clock.now();
  await clock.advance(12_000);
  const writes = writesOf(workers);
  expect(narrowest(writes, RATE)).toBeGreaterThanOrEqual(1_000);
  expect(countBetween(writes, began + 4_000, began + 12_000)).toBeGreaterThan(0.975 * 8 * RATE);
  for (const worker of workers) expect(worker.writes.length).toBeGreaterThan(0.2 * writes.length);
});

test('the parts of round trips do not matter: no slot is used before its instant', async () => {
  const clock = new ManualClock();
  const ways = [() => [9, 0.1] as const, () => [0.1, 9] as const, () => [4, 4] as const];
  // One quota, and a line of its own for each worker.
  const quota = new LeaseModel(clock);
  const workers = ways.map((way) => {
    const line: SlotLeases = {
      lease: async (request) => {
        const [thereMs, backMs] = way();
        await clock.wait(thereMs);
        const lease = await quota.lease(request);
        await clock.wait(backMs);
        return lease;
      },
    };
    return new Worker(clock, line);
  });
  await clock.advance(8_000);
  expect(narrowest(writesOf(workers), RATE)).toBeGreaterThanOrEqual(1_000);
  // Each has time to use its slots.
  for (const { limiter, writes } of workers) {
    expect(writes.length).toBeGreaterThan(300);
    expect(limiter.marginMs).toBeGreaterThan(10 + 8);
  }
});

test('a slot is not used before its instant, although most of the round trip is the way there', async () => {
  const clock = new ManualClock();
  const leases = new LeaseModel(clock, () => [9, 0.1]);
  const worker = new Worker(clock, leases);
  await clock.advance(5_000);
  // None is thrown away, so each write is of the slot with its number.
  const early = worker.writes.map((at, n) => at - (leases.instants[n] ?? at)).filter((ms) => ms < 0);
  expect(worker.writes.length).toBeGreaterThan(700);
  expect(early).toEqual([]);
});

test('slots are leased ten at a time, before the last ones are due, and only for callers who wait', async () => {
  const clock = new ManualClock();
  const leases = new LeaseModel(clock, () => [1, 1]);
  const worker = new Worker(clock, leases);
  await clock.advance(5_000);
  const [asked, written] = [leases.requests.length, worker.writes.length];
  await clock.advance(1_000);
  expect(leases.requests.length - asked).toBeGreaterThanOrEqual(19);
  expect(leases.requests.length - asked).toBeLessThanOrEqual(21);
  // None was missed while the next ones were asked for.
  expect(worker.writes.length - written).toBeGreaterThanOrEqual(197);

  const idle = new LeasedRateLimiter({ leases, rate: RATE, margin: 14, clock });
  const before = leases.requests.length;
  const slots = [idle.slot(never), idle.slot(never), idle.slot(never)];
  await clock.until(Promise.all(slots));
  const mine = leases.requests.slice(before).filter(({ slots }) => slots <= 3);
  expect(mine.length).toBeGreaterThanOrEqual(1);
  const after = leases.requests.length;
  await clock.advance(1_000);
  expect(leases.requests.slice(after).every(({ slots }) => slots > 3)).toBe(true);
});

test('slots that are late by more than the margin covers are thrown away, and not caught up', async () => {
  const clock = new ManualClock();
  const worker = new Worker(clock, new LeaseModel(clock));
  await clock.advance(5_000);
  const before = worker.writes.length;
  for (let n = 0; n < 5; n += 1) {
    clock.block(40);
    await clock.advance(160);
  }
  // Of 197 slots, six or seven fall into each of the five pauses, but for those of its last eight milliseconds.
  expect(worker.writes.length - before).toBeGreaterThan(197 - 5 * 8);
  expect(worker.writes.length - before).toBeLessThan(197 - 5 * 5);
  expect(narrowest(worker.writes, RATE)).toBeGreaterThanOrEqual(1_000);
});

test('a request that is written too late takes up the next slot as well', async () => {
  const clock = new ManualClock();
  const limiter = new LeasedRateLimiter({ leases: new LeaseModel(clock), rate: 10, margin: 14, clock });
  // By now the pace is the whole rate.
  for (let n = 0; n < 30; n += 1) (await clock.until(limiter.slot(never))).written();
  const late = await clock.until(limiter.slot(never));
  const granted = clock.now();
  await clock.advance(30);
  late.written();
  await clock.until(limiter.slot(never));
  // Slots are 101.4 ms apart.
  expect(clock.now() - granted).toBeGreaterThan(202);
  expect(clock.now() - granted).toBeLessThan(205);
});

test('while the quota is unavailable callers wait, their signal ends the wait, and later calls continue', async () => {
  const { clock, leases, workers } = threeWorkers();
  await clock.advance(4_000);
  leases.setAvailable(false);
  // Slots that were leased before are used up.
  await clock.advance(500);
  const written = writesOf(workers).length;
  await clock.advance(20_000);
  expect(writesOf(workers)).toHaveLength(written);
  const controller = new AbortController();
  const waiting = workers[0]?.limiter.slot(controller.signal);
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  leases.setAvailable(true);
  await clock.advance(6_000);
  expect(writesOf(workers).length - written).toBeGreaterThan(4 * RATE);
  expect(narrowest(writesOf(workers), RATE)).toBeGreaterThanOrEqual(1_000);
});

test('an error that another try does not cure fails the callers who wait', async () => {
  const denied = new Error('permission denied');
  const clock = new ManualClock();
  const lease = () => Promise.reject(denied);
  const limiter = new LeasedRateLimiter({ leases: { lease }, rate: RATE, margin: 14, clock });
  await expect(limiter.slot(never)).rejects.toBe(denied);
  expect(limiter.waiting).toBe(0);
});

test('a lost row is made again, and never lets more than the rate through', async () => {
  const { clock, leases, workers } = threeWorkers();
  await clock.advance(4_000);
  for (let n = 0; n < 5; n += 1) {
    leases.loseRow();
    await clock.advance(1_700 + 37 * n);
  }
  const writes = writesOf(workers);
  expect(narrowest(writes, RATE)).toBeGreaterThanOrEqual(1_000);
  expect(writes.length).toBeGreaterThan(8 * 150);
});

test('a clock that is set back stops the workers for about a second, and passes no rate', async () => {
  const { clock, leases, workers } = threeWorkers();
  await clock.advance(4_000);
  leases.setClock(-3_600_000);
  const set = clock.now();
  await clock.advance(5_000);
  const writes = writesOf(workers);
  expect(narrowest(writes, RATE)).toBeGreaterThanOrEqual(1_000);
  expect(countBetween(writes, set + 1_500, set + 5_000)).toBeGreaterThan(0.95 * 3.5 * RATE);
});

test('a clock that is set ahead passes no rate either', async () => {
  const { clock, leases, workers } = threeWorkers();
  await clock.advance(4_000);
  for (const ms of [70, 3_600_000]) {
    leases.setClock(ms);
    await clock.advance(5_000);
  }
  const writes = writesOf(workers);
  expect(narrowest(writes, RATE)).toBeGreaterThanOrEqual(1_000);
  expect(countBetween(writes, clock.now() - 2_000, clock.now())).toBeGreaterThan(0.95 * 2 * RATE);
});

test('a rate-limit error of one worker slows all within a second, and counts once', async () => {
  const clock = new ManualClock();
  const leases = new LeaseModel(clock, () => [1, 1]);
  let limits = 0;
  const refusals: Refusal[] = [];
  const end = (slot: Slot): void => {
    if (limits > 0) {
      limits -= 1;
      refusals.push(slot.limited());
    } else slot.accepted();
  };
  const workers = [new Worker(clock, leases, { end }), new Worker(clock, leases), new Worker(clock, leases)];
  await clock.advance(6_000);
  expect(workers.map(({ limiter }) => limiter.factor)).toEqual([1, 1, 1]);
  limits = 2;
  await clock.advance(400);
  expect(refusals).toEqual(['stray', 'known']);
  for (const { limiter } of workers) {
    expect(limiter.factor).toBeGreaterThan(0.89);
    expect(limiter.factor).toBeLessThan(0.95);
  }
  await clock.advance(2_000);
  expect(workers.map(({ limiter }) => limiter.factor)).toEqual([1, 1, 1]);
});

test('a rate-limit error that comes while the quota is unavailable slows the others once it has recovered', async () => {
  const clock = new ManualClock();
  const leases = new LeaseModel(clock, () => [1, 1]);
  let isLimited = false;
  const end = (slot: Slot): void => {
    if (isLimited) slot.limited();
    else slot.accepted();
    isLimited = false;
  };
  const workers = [new Worker(clock, leases, { end }), new Worker(clock, leases)];
  await clock.advance(6_000);
  // The answer comes after the slots are used up, to a call that was under way.
  leases.setAvailable(false);
  isLimited = true;
  await clock.advance(400);
  expect(isLimited).toBe(false);
  leases.setAvailable(true);
  await clock.advance(700);
  expect(workers.map(({ limiter }) => limiter.factor < 0.99)).toEqual([true, true]);
});

test('a server that asks one worker to wait is left alone by all', async () => {
  const clock = new ManualClock();
  const leases = new LeaseModel(clock, () => [1, 1]);
  let asked = false;
  const end = (slot: Slot): void => {
    if (!asked) return;
    asked = false;
    slot.hold(5_000);
  };
  const workers = [new Worker(clock, leases, { end }), new Worker(clock, leases), new Worker(clock, leases)];
  await clock.advance(4_000);
  asked = true;
  const from = clock.now();
  await clock.advance(9_000);
  const writes = writesOf(workers);
  // The others used up what they had leased.
  expect(countBetween(writes, from + 400, from + 5_000)).toBe(0);
  expect(countBetween(writes, from + 5_500, from + 9_000)).toBeGreaterThan(3 * RATE);
});

test('a worker with a slow line gets time to use its slots, by a wider margin for all, which falls when it leaves', async () => {
  const clock = new ManualClock();
  const leases = new LeaseModel(clock, () => [0.5, 0.5]);
  const near = new Worker(clock, leases);
  await clock.advance(3_000);
  expect(near.limiter.marginMs).toBe(14);
  const line: SlotLeases = {
    lease: async (request) => {
      await clock.wait(20);
      const lease = await leases.lease(request);
      await clock.wait(20);
      return lease;
    },
  };
  const far = new LeasedRateLimiter({ leases: line, rate: RATE, margin: 14, clock });
  for (let n = 0; n < 20; n += 1) (await clock.until(far.slot(never))).written();
  await clock.advance(500);
  expect(near.limiter.marginMs).toBeGreaterThan(50);
  expect(far.marginMs).toBeGreaterThan(50);
  await clock.advance(60_000);
  expect(near.limiter.marginMs).toBe(14);
});

test('a worker whose line has become slow, and that seldom calls, gets slots that are not over when it learns of them', async () => {
  const clock = new ManualClock();
  let way: readonly [number, number] = [1, 1];
  const leases = new LeaseModel(clock, () => way);
  const limiter = new LeasedRateLimiter({ leases, rate: RATE, margin: 14, clock });
  (await clock.until(limiter.slot(never))).written();
  // The clock is known well by now, so the margin leaves no time for a line that has become slow.
  way = [5, 60];
  (await clock.until(limiter.slot(never))).written();
  for (let n = 0; n < 5; n += 1) {
    await clock.advance(2_000);
    const asked = clock.now();
    (await clock.until(limiter.slot(never))).written();
    // Two round trips at most: the clocks may have drifted apart meanwhile.
    expect(clock.now() - asked).toBeLessThan(200);
  }
});

test('an automatic margin begins at 14 ms, and the one that widens it widens it for all', async () => {
  const { clock, leases, workers } = threeWorkers({ margin: 'auto' });
  await clock.advance(4_000);
  expect(workers.map(({ limiter }) => limiter.marginMs)).toEqual([14, 14, 14]);
  const one = new LeasedRateLimiter({ leases, rate: RATE, margin: 'auto', clock });
  const slot = await clock.until(one.slot(never));
  slot.written();
  expect(slot.limited()).toBe('bunched');
  await clock.until(one.slot(never));
  await clock.advance(400);
  for (const { limiter } of workers) {
    expect(limiter.marginMs).toBeGreaterThan(16);
    expect(limiter.factor).toBe(1);
  }
});
