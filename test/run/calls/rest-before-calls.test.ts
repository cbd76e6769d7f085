import { expect, test } from 'vitest';
import { NO_COUNTS } from '../../../src/destinations/contract/counts.ts';
import type { RunRecord } from '../../../src/destinations/contract/destination.ts';
import { restBeforeCallsMs } from '../../../src/run/calls/rest-before-calls.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const WINDOW_MS = 1_020;

const run = (changes: Partial<RunRecord>): RunRecord => ({
  job: 'nightly',
  sdkAppId: 1,
  endpoint: 'https://api.example.com',
  rowFormat: 1,
  keyFingerprint: null,
  freeTextDropped: false,
  runId: 7,
  status: 'running',
  startedAt: new Date(NOW - 3_600_000).toISOString(),
  finishedAt: null,
  stopReason: null,
  error: null,
  attempts: 1,
  retryOfRun: null,
  chunkSize: 200,
  list: { lines: 1, users: 1, beyondLimit: 0, duplicates: 0, bad: 0, blank: 0, suppressed: 0, digest: 'd' },
  counts: NO_COUNTS,
  ...changes,
});

const finished = (msAgo: number): RunRecord =>
  run({ status: 'finished', finishedAt: new Date(NOW - msAgo).toISOString() });

test.each<[string, RunRecord | null, number]>([
  ['nothing where there was no run', null, 0],
  ['the whole window after a run that was killed', run({}), WINDOW_MS],
  ['the whole window after one that was stopped', run({ stopReason: 'SIGTERM' }), WINDOW_MS],
  ['the whole window after one that was given up', run({ status: 'abandoned' }), WINDOW_MS],
  ['what is left of it after one that has just finished', finished(300), WINDOW_MS - 300],
  ['nothing after one that finished before', finished(WINDOW_MS), 0],
  ['the whole window where the clock was set back', finished(-5_000), WINDOW_MS],
])('the first call waits %s', (_, last, ms) => {
  expect(restBeforeCallsMs(last, NOW, WINDOW_MS)).toBe(ms);
});
