import { expect, test } from 'vitest';
import { NO_COUNTS } from '../../../src/destinations/contract/counts.ts';
import type { BeforeLock, RunRecord } from '../../../src/destinations/contract/destination.ts';
import { afterLockWait } from '../../../src/run/plan/after-lock-wait.ts';

type Job = Parameters<typeof afterLockWait>[2];

const job = {
  name: 'nightly',
  users: { failedOf: null },
  run: { fresh: false },
  guards: { allowMassDeletion: false },
} as unknown as Job;
const retryJob = { ...job, users: { failedOf: { runId: 'last', codes: [] } } } as unknown as Job;

const run = (changes: Partial<RunRecord> = {}): RunRecord => ({
  job: 'nightly',
  sdkAppId: 1,
  endpoint: 'https://api.example.com',
  rowFormat: 1,
  keyFingerprint: null,
  freeTextDropped: false,
  runId: 7,
  status: 'running',
  startedAt: '2026-11-22T01:00:00.000Z',
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
const finished = (changes: Partial<RunRecord> = {}): RunRecord => run({ status: 'finished', ...changes });
const stopped = (changes: Partial<RunRecord> = {}): RunRecord =>
  run({ stopReason: 'guard', error: 'too many', ...changes });
const before = (record: RunRecord | null, isAtWork = true): BeforeLock => ({
  run: record,
  isAtWork,
  otherJobs: [],
  storedKeyFingerprint: null,
  waitedMs: 1,
});

test.each<[string, BeforeLock | null, RunRecord | null, Job, string]>([
  ['proceeds when it would not have waited', null, finished(), job, 'proceed'],
  ['proceeds when the other one started no run', before(null), null, job, 'proceed'],
  ['proceeds when the other one left its run unfinished', before(run()), run(), job, 'proceed'],
  ['proceeds when the other one was stopped', before(run()), run({ stopReason: 'SIGTERM' }), job, 'proceed'],
  ['proceeds when an error ended the other one', before(run()), run({ stopReason: 'error' }), job, 'proceed'],
  ['ends when the other one finished the run', before(run()), finished(), job, 'finished'],
  [
    'ends when the other one started and finished a run',
    before(finished({ runId: 6 }), false),
    finished(),
    job,
    'finished',
  ],
  ['ends when the other one had just finished the run', before(finished()), finished(), job, 'finished'],
  [
    'proceeds when the run had finished before, and the other one was of another job',
    before(finished(), false),
    finished(),
    job,
    'proceed',
  ],
  [
    'proceeds when the other one finished a run of another job',
    before(null),
    finished({ job: 'other' }),
    job,
    'proceed',
  ],
  [
    'proceeds when the other one only retried failed users',
    before(run({ retryOfRun: 3 })),
    finished({ retryOfRun: 3 }),
    job,
    'proceed',
  ],
  [
    'ends when both only retry failed users, and the other one has done so',
    before(run({ retryOfRun: 3 })),
    finished({ retryOfRun: 3 }),
    retryJob,
    'finished',
  ],
  [
    'proceeds when it retries the failed users of the run that the other one finished',
    before(run()),
    finished(),
    retryJob,
    'proceed',
  ],
  [
    'proceeds with --fresh',
    before(run()),
    finished(),
    { ...job, run: { fresh: true } } as unknown as Job,
    'proceed',
  ],
  ['ends when a guard stopped the other one', before(run()), stopped(), job, 'guard'],
  ['ends when a guard stopped a run that the other one started', before(null), stopped(), job, 'guard'],
  [
    'ends when a guard stopped the next attempt as well',
    before(stopped({ attempts: 1 })),
    stopped({ attempts: 2 }),
    job,
    'guard',
  ],
  [
    'proceeds when a guard had stopped the run before the wait, and an operator started this attempt since',
    before(stopped(), false),
    stopped(),
    job,
    'proceed',
  ],
  [
    'proceeds after a guard when an operator allows what it saw',
    before(run()),
    stopped(),
    { ...job, guards: { allowMassDeletion: true } } as unknown as Job,
    'proceed',
  ],
])('an attempt that waited %s', (_, was, now, of, kind) => {
  expect(afterLockWait(was, now, of)).toEqual(kind === 'proceed' ? { kind } : { kind, run: now });
});
