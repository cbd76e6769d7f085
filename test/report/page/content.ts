import { NO_COUNTS } from '../../../src/destinations/contract/counts.ts';
import { LATENCY_BOUNDS_MS, type Timeline } from '../../../src/destinations/contract/timeline.ts';
import type { PageContent } from '../../../src/report/page/page.ts';
import type { UnexportedUserRow } from '../../../src/rows/tables.ts';
import { explainCause } from '../../../src/run/events/causes.ts';

/** An attempt of so many buckets of a minute, each with 6,000 calls that took 30 ms, but for a tenth that took 300 ms. */
export function startOf(
  buckets: number,
  { startedAt = '2026-11-26T03:00:00.000Z', quota = 200 } = {},
): Timeline {
  const latencies = [...LATENCY_BOUNDS_MS, Number.POSITIVE_INFINITY].map(() => 0);
  latencies[LATENCY_BOUNDS_MS.findIndex((bound) => bound >= 30)] = 90;
  latencies[LATENCY_BOUNDS_MS.findIndex((bound) => bound >= 300)] = 10;
  return {
    startedAt: startedAt,
    quota,
    rateMarginMs: 14.25,
    rateLimitedCalls: 12,
    bucketSeconds: 60,
    seconds: buckets * 60,
    buckets: Array.from({ length: buckets }, () => ({
      calls: 6_000,
      errors: { 50004: 3, 60007: 1 },
      latencies,
      waits: { quota: 45_000, latency: 9_000, backOff: 6_000, destination: 0 },
    })),
  };
}

export const failedUser = (
  userId: string,
  code: number | null,
  change: Partial<UnexportedUserRow> = {},
): UnexportedUserRow => ({
  user_id: userId,
  sdk_app_id: 1_400_000_000,
  reason: code === null ? 'invalid_page' : 'api_error',
  error_code: code,
  error_info: 'said so',
  calls: 3,
  ...change,
});

/** The page of a finished run with two failed users. */
export const content: PageContent = {
  record: {
    job: 'nightly',
    sdkAppId: 1_400_000_000,
    endpoint: 'https://api.example.com',
    rowFormat: 1,
    keyFingerprint: null,
    freeTextDropped: false,
    runId: 41,
    status: 'finished',
    startedAt: '2026-11-26T03:00:00.000Z',
    finishedAt: '2026-11-26T03:10:00.000Z',
    stopReason: null,
    error: null,
    attempts: 1,
    retryOfRun: null,
    chunkSize: 200,
    list: {
      lines: 4_000,
      users: 4_000,
      beyondLimit: 0,
      duplicates: 0,
      bad: 0,
      blank: 0,
      suppressed: 0,
      digest: 'd',
    },
    counts: {
      ...NO_COUNTS,
      exported: 3_990,
      unchanged: 3_000,
      notInApp: 8,
      failed: 2,
      conversations: 12_345,
      contactGroups: 456,
      memberships: 7_890,
      calls: 6_100,
      retries: 77,
      failures: { 51007: 1, invalid_page: 1 },
      added: { conversations: 111 },
      updated: { conversations: 22 },
      removed: { conversations: 3, memberships: 4 },
      changes: { conversations: 136, memberships: 4 },
      unnamedGroups: 5,
    },
  },
  ending: { kind: 'finished' },
  destination: { name: 'postgres://someone@db.example.com/chats', keepsEarlierRows: true, schema: null },
  timeline: { attempts: [startOf(10)], latencyBoundsMs: LATENCY_BOUNDS_MS },
  workers: [],
  failed: {
    causes: [
      { cause: '51007', count: 1, users: [failedUser('u1', 51007)] },
      { cause: 'invalid_page', count: 1, users: [failedUser('u2', null)] },
    ],
    unread: null,
  },
  explain: explainCause,
  settings: {
    settings: [
      { name: 'rate', group: 'API calls', value: '200', source: 'file' },
      { name: 'timeout', group: 'API calls', value: '10s', source: 'default' },
    ],
    areOfThisRun: true,
  },
  warnings: ['the clock is 74 s behind'],
  writtenAt: new Date('2026-11-26T03:10:01.000Z'),
};
