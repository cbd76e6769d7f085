import { describe, expect, test } from 'vitest';
import { failedByCause } from '../../../src/report/page/failed-users.ts';
import { percentile } from '../../../src/report/page/latency.ts';
import { addUp, shownBuckets } from '../../../src/report/page/run-timeline.ts';
import { timeAxis } from '../../../src/report/page/time-axis.ts';
import type { UnexportedUserRow } from '../../../src/rows/tables.ts';
import { failedUser, startOf } from './content.ts';

describe('a percentile of counted values', () => {
  const bounds = [10, 20, 40];
  test.each([
    [[10, 0, 0, 0], 0.99, 10],
    [[50, 45, 4, 1], 0.5, 10],
    [[50, 45, 4, 1], 0.95, 20],
    [[50, 45, 4, 1], 0.99, 40],
    [[50, 45, 3, 2], 0.99, Number.POSITIVE_INFINITY],
    [[0, 0, 1, 0], 0.5, 40],
    [[0, 0, 0, 0], 0.5, null],
    [[], 0.5, null],
  ])('%j at %d is at most %d', (counts, share, most) => {
    expect(percentile(bounds, counts, share)).toBe(most);
  });
});

describe('buckets that are shown', () => {
  const shownOf = (...starts: Parameters<typeof shownBuckets>[0][number][]) => shownBuckets(starts);

  test('are those of the run, where there is room for all', () => {
    const shown = shownOf(startOf(3), startOf(2));
    expect(shown.map(({ start, from, to }) => [start, from, to])).toEqual([
      [0, 0, 60],
      [0, 60, 120],
      [0, 120, 180],
      [1, 0, 60],
      [1, 60, 120],
    ]);
  });

  test('are put together where there is none, without losing a call', () => {
    const starts = [startOf(240), startOf(17), startOf(1)];
    const shown = shownBuckets(starts);
    expect(shown.length).toBeLessThanOrEqual(120);
    expect(shown.length).toBeGreaterThan(60);
    expect(addUp(shown)).toEqual(addUp(starts.flatMap(({ buckets }) => buckets)));
    expect(shown.map(({ to, from }) => to - from).reduce((a, b) => a + b)).toBe(258 * 60);
  });

  test('do not end with a short rest whose rate would say nothing', () => {
    const shown = shownOf({ ...startOf(3), seconds: 125 });
    expect(shown.map(({ from, to, calls }) => [from, to, calls])).toEqual([
      [0, 60, 6_000],
      [60, 125, 12_000],
    ]);
  });

  test('are never more than the attempts when there are many of them', () => {
    expect(shownBuckets(Array.from({ length: 500 }, () => startOf(4)))).toHaveLength(500);
  });

  test('are none if an attempt made no call', () => {
    expect(shownOf({ ...startOf(0), seconds: 5 })).toEqual([]);
  });
});

describe('the time axis', () => {
  const starts = [
    { startedAt: '2026-11-26T22:10:00.000Z', seconds: 7_200 },
    { startedAt: '2026-11-28T03:00:00.000Z', seconds: 3_600 },
  ];
  const axis = timeAxis(starts);

  test('has the attempts side by side, without the day between them', () => {
    expect(axis.place(0, 0)).toBe(0);
    expect(axis.place(1, 3_600)).toBeCloseTo(1, 9);
    expect(axis.place(1, 0) - axis.place(0, 7_200)).toBeCloseTo(0.012, 9);
    expect(axis.place(0, 7_200) / (1 - axis.place(1, 0))).toBeCloseTo(2, 9);
    expect(axis.breaks.map(({ text }) => text)).toEqual(['attempt 2']);
  });

  test('names moments by the clock, midnight by its day, and none where two would touch', () => {
    expect(axis.ticks.map(({ text }) => text)).toEqual(['22:30', '23:00', '23:30', '27 Nov', '03:30']);
  });

  test('of a short run has seconds', () => {
    const { ticks } = timeAxis([{ startedAt: '2026-11-26T22:10:00.500Z', seconds: 12 }]);
    expect(ticks[0]?.text).toMatch(/^22:10:0\d$/);
    expect(ticks.length).toBeLessThanOrEqual(6);
  });
});

describe('failed users that are shown', () => {
  async function* listOf(...users: UnexportedUserRow[]) {
    yield* users;
  }
  const many = (count: number, code: number): UnexportedUserRow[] =>
    Array.from({ length: count }, (_, i) => failedUser(`u${code}-${i}`, code));

  test('are some of each cause, the commonest first, and none who is not in the app', async () => {
    const gone = failedUser('gone', 50001, { reason: 'not_in_app' });
    const found = await failedByCause(listOf(...many(100, 50004), failedUser('odd', null), gone), {
      invalid_page: 1,
      50004: 100,
    });
    expect(found.map(({ cause, count, users }) => [cause, count, users.length])).toEqual([
      ['50004', 100, 25],
      ['invalid_page', 1, 1],
    ]);
  });

  test('are read no further than is needed', async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read += 1;
        yield failedUser(`u${read}`, 50004);
      }
    }
    expect((await failedByCause(endless(), { 50004: 1_000_000 }))[0]?.users).toHaveLength(25);
    expect(read).toBe(25);
    // A cause that the list does not have ends, too.
    expect(await failedByCause(endless(), { 50004: 1, 51007: 1 })).toMatchObject([
      { users: [{ user_id: 'u26' }] },
      { users: [] },
    ]);
  });
});
