import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { NO_COUNTS } from '../../../src/destinations/contract/counts.ts';
import { camelKeys } from '../../../src/json/key-case.ts';
import { openLog } from '../../../src/report/log.ts';
import { progressLines, progressText } from '../../../src/report/progress/progress.ts';
import { type ProgressFigures, progressFigures } from '../../../src/report/progress/progress-figures.ts';
import { ProgressMeter } from '../../../src/report/progress/progress-meter.ts';
import type { Progress } from '../../../src/run/events/run-events.ts';
import { ManualClock } from '../../resilience/manual-clock.ts';

const HERE = { api: false, destination: false };

const figures: ProgressFigures = {
  users: 4_000,
  usersDone: 1_993,
  usersFailed: 3,
  usersWaiting: 2,
  secondsLeft: 22,
  workers: null,
  callsASecond: 198.2,
  quota: 200,
  throttleRatio: 1,
  rateMarginMs: 8,
  rateLimitedCalls: 0,
  rows: 12_345,
  retries: { network: 2, '50004': 12 },
  bottleneck: 'quota',
};

/** As large as figures get. */
const huge: ProgressFigures = {
  users: 123_456_789,
  usersDone: 100_000_000,
  usersFailed: 12_345_678,
  usersWaiting: 1_599,
  secondsLeft: 360_000,
  workers: 99,
  callsASecond: 9_999,
  quota: 10_000,
  throttleRatio: 0.05,
  rateMarginMs: 99.9,
  rateLimitedCalls: 1_234_567,
  rows: 98_765_432_100,
  retries: { '50004': 9_999_999, '60007': 8_888_888, '60011': 7_777_777, network: 6_666_666, malformed: 5 },
  bottleneck: 'backOff',
};

const progress: Progress = {
  users: 1_000,
  usersDone: 0,
  counts: NO_COUNTS,
  calls: 0,
  elsewhere: null,
  workers: null,
  failedCalls: 0,
  rateMarginMs: 8,
  rateLimitedCalls: 0,
  retries: {},
  waits: { quota: 0, latency: 0, backOff: 0, destination: 0 },
  waiting: 0,
  retriesAheadMs: 0,
  throttleRatio: 1,
};

test('the log line shows how far, how fast, the errors and the bottleneck', () => {
  expect(progressText(figures, HERE)).toBe(
    '1,993 of 4,000 users (49.8 %) · 22 s left · 198 of 200 calls/s · 12,345 rows · ' +
      '14 retries (50004 12, network 2) · 2 users to try again · 3 users failed · waiting for the quota',
  );
});

test('of a shared run, it shows how many processes are at work', () => {
  expect(progressText({ ...figures, workers: 3 }, HERE)).toContain(' · 198 of 200 calls/s · 3 workers · ');
  expect(progressText({ ...figures, workers: 1 }, HERE)).toContain(' · 1 worker · ');
  expect(progressLines({ ...figures, workers: 3 }, HERE, { columns: 200, colour: false })[1]).toContain(
    ' · 3 workers · ',
  );
});

test('the speed and the time left of a shared run are those of all processes', () => {
  const counts = { ...NO_COUNTS, exported: 300, calls: 300 };
  const first = { at: 0, progress: { ...progress, elsewhere: { calls: 0, at: 7_000 } } };
  const elsewhere = { calls: 200, at: 9_000 };
  const shared = { ...progress, workers: 3, counts, usersDone: 300, calls: 100, elsewhere };
  const now = { at: 2_000, progress: shared };
  const found = progressFigures(now, { first, trend: first, pace: first, moment: first }, 200);
  expect(found).toMatchObject({ workers: 3, callsASecond: 150, secondsLeft: 4.7 });
});

test('the speed of a run that was joined late has nothing of the calls before', () => {
  const before = { ...NO_COUNTS, exported: 600, calls: 1_200 };
  const joined = { ...progress, workers: 3, counts: before, usersDone: 600 };
  const first = { at: 0, progress: { ...joined, elsewhere: { calls: 1_400, at: 0 } } };
  const looks = { first, trend: first, pace: first, moment: first };
  const unheard = { at: 1_000, progress: { ...first.progress, calls: 20 } };
  expect(progressFigures(unheard, looks, 60)).toMatchObject({ callsASecond: 20, secondsLeft: null });
  // The others commit 600 calls soon after, most of which they made before.
  const counts = { ...before, exported: 900, calls: 1_800 };
  const elsewhere = { calls: 1_520, at: 3_000 };
  const now = { at: 3_000, progress: { ...joined, counts, usersDone: 900, calls: 60, elsewhere } };
  expect(progressFigures(now, looks, 60).callsASecond).toBe(60);
});

test('from the first rate-limit error on, it shows how many there were, and the margin in use', () => {
  expect(progressText({ ...figures, rateLimitedCalls: 12, rateMarginMs: 14.2 }, HERE)).toContain(
    ' · 198 of 200 calls/s · 12 rate-limited, margin 14 ms · 12,345 rows · ',
  );
});

test.each<[string, Partial<ProgressFigures>, Partial<typeof HERE>]>([
  ['waiting for answers of the API', { bottleneck: 'latency' }, {}],
  ['waiting for the destination', { bottleneck: 'destination' }, {}],
  [
    'backing off after rate-limit errors (to 55.0 % of the quota)',
    { bottleneck: 'backOff', throttleRatio: 0.55 },
    {},
  ],
  ['backing off before users are tried again', { bottleneck: 'backOff' }, {}],
  ['waiting for the API to recover', { bottleneck: 'backOff' }, { api: true }],
  ['waiting for the destination to recover', { bottleneck: 'destination' }, { destination: true }],
])('it says "%s"', (text, change, away) => {
  expect(progressText({ ...figures, ...change }, { ...HERE, ...away })).toMatch(
    new RegExp(` · ${text.replace(/[()]/g, '\\$&')}$`),
  );
});

test('a run is not shown as done before it is, and a quota below one call is shown exactly', () => {
  const text = progressText({ ...figures, usersDone: 3_999, quota: 0.25, callsASecond: 0.2482 }, HERE);
  expect(text).toContain('3,999 of 4,000 users (99.9 %)');
  expect(text).toContain('0.25 of 0.25 calls/s');
});

describe('the lines of a terminal', () => {
  test.each([79, 139])(
    'have a bar of the progress, and everything the log line has, in %i columns',
    (columns) => {
      const lines = progressLines(figures, HERE, { columns, colour: false });
      const [, bar = '', rest] = /^([█░]+) {2}(.*)$/.exec(lines[0] ?? '') ?? [];
      expect(bar.length).toBeGreaterThan(30);
      expect(bar.split('█').length - 1).toBe(Math.floor(0.498 * bar.length));
      expect([rest, ...lines.slice(1)].join(' · ').split(' · ').sort()).toEqual(
        progressText(figures, HERE).split(' · ').sort(),
      );
    },
  );

  test.each([10, 40, 79, 139])(
    'are three and none is wider than %i columns, whatever the figures',
    (columns) => {
      for (const colour of [false, true]) {
        const lines = progressLines(huge, HERE, { columns, colour }).map(stripVTControlCharacters);
        expect(lines).toHaveLength(3);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
      }
    },
  );

  test('have colour only where it is wanted', () => {
    const of = (colour: boolean) => progressLines(figures, HERE, { columns: 79, colour }).join('\n');
    expect(of(false)).toBe(stripVTControlCharacters(of(true)));
    expect(of(false)).not.toBe(of(true));
  });
});

test('the time left is that of the calls still to be made, without those made for users who are not committed yet', () => {
  const first = { at: 0, progress };
  const counts = { ...NO_COUNTS, exported: 400, calls: 800 };
  const now = { at: 5_000, progress: { ...progress, usersDone: 400, counts, calls: 1_000 } };
  const found = progressFigures(now, { first, trend: first, pace: first, moment: first }, 200);
  expect(found).toMatchObject({ callsASecond: 200, secondsLeft: (600 * 2 - 200) / 200, bottleneck: null });
});

test('an API that hesitates for seconds does not make the time left longer by hours', () => {
  const first = { at: 0, progress };
  const counts = { ...NO_COUNTS, exported: 500, calls: 1_000 };
  const before = { at: 5_000, progress: { ...progress, usersDone: 500, counts, calls: 1_000 } };
  const now = { at: 15_000, progress: { ...before.progress, calls: 1_001 } };
  const found = progressFigures(now, { first, trend: first, pace: before, moment: before }, 200);
  expect(found.callsASecond).toBe(0.1);
  expect(found.secondsLeft).toBeCloseTo(999 / (1_001 / 15), 1);
});

test('the bottleneck is what took most of the recent time', () => {
  const first = { at: 0, progress };
  const moment = {
    at: 3_000,
    progress: { ...progress, waits: { quota: 3_000, latency: 0, backOff: 0, destination: 0 } },
  };
  const waits = { quota: 3_100, latency: 0, backOff: 200, destination: 700 };
  const now = { at: 4_000, progress: { ...progress, waits } };
  expect(progressFigures(now, { first, trend: first, pace: first, moment }, 200).bottleneck).toBe(
    'destination',
  );
});

test('without a terminal, a line of JSON repeats the same figures', async () => {
  const lines: string[] = [];
  let toldTwice = (): void => {};
  const twice = new Promise<void>((resolve) => {
    toldTwice = resolve;
  });
  const log = openLog({
    logLevel: 'info',
    logFormat: 'json',
    colour: false,
    write: (line) => {
      lines.push(line);
      if (lines.length === 2) toldTwice();
    },
  });
  let looks = 0;
  const meter = new ProgressMeter(
    () => {
      looks += 1;
      return {
        ...progress,
        usersDone: 10 * looks,
        calls: 20 * looks,
        counts: {
          ...NO_COUNTS,
          exported: 9 * looks,
          failed: looks,
          calls: 20 * looks,
          conversations: 50 * looks,
        },
        retries: { '60007': looks },
        waits: { ...progress.waits, quota: 100 * looks },
        waiting: 3,
        throttleRatio: 0.5,
      };
    },
    {
      quota: 200,
      away: HERE,
      terminal: null,
      log: (line, figures) => log.info(line, { progress: figures }),
      logEveryMs: 20,
    },
  );
  await twice;
  meter.stop();
  const { level, msg, progress: fields } = JSON.parse(lines[1] ?? '');
  expect(fields).toMatchObject({ users_done: 30, throttle_ratio: 0.5 });
  const reported = camelKeys(fields) as ProgressFigures;
  expect(level).toBe(30);
  expect(reported).toMatchObject({
    users: 1_000,
    usersDone: 30,
    usersFailed: 3,
    usersWaiting: 3,
    quota: 200,
    throttleRatio: 0.5,
    rows: 150,
    retries: { '60007': 3 },
    bottleneck: 'quota',
  });
  expect(reported.callsASecond).toBeGreaterThan(0);
  expect(reported.secondsLeft).toBeCloseTo((970 * 2) / (reported.callsASecond ?? 0), 0);
  expect(msg).toBe(progressText(reported, HERE));
});

test('retries are part of the time left; when they alone decide and take longer than expected, none is shown', () => {
  const at = (ms: number, more: Partial<Progress>) => ({ at: ms, progress: { ...progress, ...more } });
  const first = at(0, {});
  const looks = { first, trend: first, pace: first, moment: first };
  const done = { ...NO_COUNTS, exported: 900, calls: 900 };
  const left = (more: Partial<Progress>) =>
    progressFigures(at(10_000, { usersDone: 900, counts: done, calls: 1_000, ...more }), looks, 100)
      .secondsLeft;
  expect(left({})).toBeNull();
  expect(left({ calls: 950, waiting: 3, retriesAheadMs: 30_000 })).toBeCloseTo(30 + 50 / 95, 1);
  expect(left({ waiting: 3, retriesAheadMs: 12_000 })).toBe(12);
  expect(left({ calls: 990, waiting: 3, retriesAheadMs: 0 })).toBeNull();
});

test('no time left is shown during an outage, and its time stays out of the speed behind the one after it', async () => {
  const clock = new ManualClock();
  const lefts: (number | null)[] = [];
  const away = { api: false, destination: false };
  let calls = 0;
  const meter = new ProgressMeter(
    () => {
      if (!away.api) calls += 10;
      return { ...progress, usersDone: calls, calls, counts: { ...NO_COUNTS, exported: calls, calls } };
    },
    {
      quota: 200,
      away,
      terminal: null,
      logEveryMs: 1_000,
      clock,
      log: (_, { secondsLeft }) => lefts.push(secondsLeft),
    },
  );
  await clock.advance(10_000);
  away.api = true;
  await clock.advance(60_000);
  away.api = false;
  await clock.advance(10_000);
  meter.stop();
  await clock.advance(10_000);
  const leftAfter = (seconds: number): number => (progress.users - 10 - 10 * seconds) / 10;
  const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => leftAfter(from + i + 1));
  expect(lefts.slice(0, 10)).toEqual(upTo(10));
  expect(lefts.slice(10, 70)).toEqual(new Array(60).fill(null));
  expect(lefts.slice(70)).toEqual(upTo(10, 10));
});
