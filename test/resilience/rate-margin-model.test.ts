import { expect, test } from 'vitest';
import { type Model, runModel, sharesOf, sumOf } from './quota-model.ts';

const RATE = 200;
const model = (more: Partial<Model>): Model => ({ rate: RATE, margin: 'auto', seconds: 75, ...more });
const jitter =
  (ms: number): NonNullable<Model['delayMs']> =>
  (_, random) =>
    random() * ms;

// The best of the fixed margins 4, 8, 16, 25, 35 and 50 ms in the same model, where a single refused call does not cut the rate.
test.each([
  { ms: 0, best: 0.996 },
  { ms: 5, best: 0.9921 },
  { ms: 20, best: 0.9833 },
  { ms: 50, best: 0.9735 },
])(
  'with $ms ms of jitter, calls are answered nearly as fast as with the best fixed margin, and one in a thousand refused',
  async ({ ms, best }) => {
    const course = await runModel(model({ delayMs: jitter(ms) }));
    const { answered, refused } = sharesOf(course, RATE, 30);
    expect(answered).toBeGreaterThan(best - 0.005);
    expect(refused).toBeLessThanOrEqual(0.001);
    // Jitter on the line is not taken for another client.
    expect(course.flatMap(({ refusals }) => refusals.shared ?? [])).toEqual([]);
  },
);

test('when jitter comes and goes, the margin follows within a minute', async () => {
  const delayMs: NonNullable<Model['delayMs']> = (second, random) =>
    second >= 20 && second < 90 ? random() * 50 : 0;
  const course = await runModel(model({ delayMs, seconds: 150 }));
  expect(sharesOf(course, RATE, 30, 50).answered).toBeGreaterThan(0.955);
  expect(sharesOf(course, RATE, 50, 90).answered).toBeGreaterThan(0.968);
  expect(course[89]?.marginMs).toBeGreaterThan(15);
  expect(sharesOf(course, RATE, 130).answered).toBeGreaterThan(0.99);
  expect(course.at(-1)?.marginMs).toBeLessThan(9);
});

test('calls that come in bursts widen the margin as far as it takes', async () => {
  // Every two seconds, the line holds what comes in 20 ms, and lets it go at once.
  const arrivesAt = (ms: number): number => (ms % 2_000 < 20 ? ms - (ms % 2_000) + 20 : ms);
  const course = await runModel(model({ arrivesAt, delayMs: jitter(2) }));
  const { answered, refused } = sharesOf(course, RATE, 30);
  expect(answered).toBeGreaterThan(0.97);
  expect(refused).toBeLessThan(0.002);
});

test('a line that stands still for 300 ms once costs less than a second, and leaves no wide margin', async () => {
  const arrivesAt = (ms: number): number => (ms >= 30_000 && ms < 30_300 ? 30_300 : ms);
  const course = await runModel(model({ arrivesAt, delayMs: jitter(5), seconds: 60 }));
  expect(sumOf(course, 'refused', 30, 40)).toBeLessThan(60);
  expect(sharesOf(course, RATE, 30, 40).answered).toBeGreaterThan(0.9);
  expect(sharesOf(course, RATE, 40).answered).toBeGreaterThan(0.98);
  expect(course[40]?.marginMs).toBeLessThan(20);
});

test.each([true, false])(
  'another client that takes half of the quota for a minute is left its half, and afterwards the whole rate returns in ten seconds (refused calls count: %s)',
  async (countsRefused) => {
    const others = (second: number): number => (second >= 20 && second < 80 ? RATE / 2 : 0);
    const course = await runModel(model({ others, countsRefused, seconds: 110 }));
    // With a cut for each refusal and an even recovery, as before this margin, 781 calls were refused, and 674.
    expect(sumOf(course, 'refused', 20, 83)).toBeLessThan(450);
    expect(sharesOf(course, RATE, 22, 80).answered).toBeGreaterThan(0.42);
    expect(sharesOf(course, RATE, 90).answered).toBeGreaterThan(0.99);
    expect(course.slice(22, 80).some(({ refusals }) => (refusals.shared ?? 0) > 0)).toBe(true);
    expect(course[79]?.marginMs).toBeLessThan(9);
  },
);

test('a quota of 70 % of the rate is found and kept to, as with another client', async () => {
  const course = await runModel(model({ quota: RATE * 0.7 }));
  const { answered, refused } = sharesOf(course, RATE, 10);
  expect(answered).toBeGreaterThan(0.6);
  expect(refused).toBeLessThan(0.06);
  expect(course.at(-1)?.marginMs).toBeLessThanOrEqual(8);
});

test('a slow rate finds its margin, too', async () => {
  const course = await runModel(model({ rate: 50, delayMs: jitter(20), seconds: 120 }));
  const { answered, refused } = sharesOf(course, 50, 30);
  expect(answered).toBeGreaterThan(0.97);
  expect(refused).toBeLessThan(0.005);
});
