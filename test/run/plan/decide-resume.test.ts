import { describe, expect, test } from 'vitest';
import { NO_COUNTS } from '../../../src/destinations/contract/counts.ts';
import type { RunRecord } from '../../../src/destinations/contract/destination.ts';
import { RunRefused } from '../../../src/run/errors/run-errors.ts';
import { decideResume, type ResumeOptions } from '../../../src/run/plan/decide-resume.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const HOUR = 3_600_000;
const identity = {
  job: 'nightly',
  sdkAppId: 1,
  endpoint: 'https://api.example.com',
  rowFormat: 1,
  keyFingerprint: null,
  freeTextDropped: false,
};
const options: ResumeOptions = { fresh: false, resume: null, resumeWithinMs: 20 * HOUR, retryOfRun: null };

const unfinished = (changes: Partial<RunRecord> = {}): RunRecord => ({
  ...identity,
  runId: 7,
  status: 'running',
  startedAt: new Date(NOW - HOUR).toISOString(),
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

describe('an attempt starts a new run', () => {
  test.each<[string, RunRecord | null, Partial<ResumeOptions>, boolean]>([
    ['when the job has none', null, {}, false],
    ['when the last one is finished', unfinished({ status: 'finished' }), {}, false],
    ['when the last one was abandoned', unfinished({ status: 'abandoned' }), {}, false],
    ['with --fresh, and closes the unfinished one', unfinished(), { fresh: true }, true],
    [
      'when the unfinished one is too old, and closes it',
      unfinished({ startedAt: new Date(NOW - 20 * HOUR).toISOString() }),
      {},
      true,
    ],
    [
      'with --fresh even when another job left one behind',
      unfinished({ job: 'other' }),
      { fresh: true },
      true,
    ],
    ['of the whole list, and closes one that only retries another', unfinished({ retryOfRun: 3 }), {}, true],
    [
      'when the one that is unfinished mends another run',
      unfinished({ retryOfRun: 3 }),
      { retryOfRun: 5 },
      true,
    ],
    [
      'with --fresh to mend, and closes one of the whole list',
      unfinished(),
      { retryOfRun: 5, fresh: true },
      true,
    ],
  ])('%s', (_, last, changed, abandons) => {
    const choice = decideResume(last, identity, { ...options, ...changed }, NOW);
    expect(choice).toMatchObject({ kind: 'start', abandon: abandons ? last : null });
  });
});

describe('an attempt continues', () => {
  test.each<[string, RunRecord, Partial<ResumeOptions>]>([
    ['with an unfinished run that is young enough', unfinished(), {}],
    [
      'with one that was stopped on time, however old',
      unfinished({ stopReason: 'max_duration', startedAt: new Date(NOW - 300 * HOUR).toISOString() }),
      {},
    ],
    [
      'with the one that --resume names, however old',
      unfinished({ startedAt: new Date(NOW - 300 * HOUR).toISOString() }),
      { resume: 7 },
    ],
    ['with one that mends the same run', unfinished({ retryOfRun: 5 }), { retryOfRun: 5 }],
    ['with one that --resume names, whatever it mends', unfinished({ retryOfRun: 5 }), { resume: 7 }],
    ['after the clock was set back', unfinished({ startedAt: new Date(NOW + HOUR).toISOString() }), {}],
  ])('%s', (_, last, changed) => {
    const choice = decideResume(last, identity, { ...options, ...changed }, NOW);
    expect(choice).toMatchObject({ kind: 'resume', run: last });
  });
});

describe('an attempt is refused', () => {
  test.each<[string, RunRecord | null, Partial<ResumeOptions>, RegExp]>([
    ['when --resume names no run', null, { resume: 9 }, /--resume 9: .*no such run/],
    ['when --resume names a finished run', unfinished({ status: 'finished' }), { resume: 7 }, /is finished/],
    [
      "when --resume names another job's run",
      unfinished({ job: 'other' }),
      { resume: 7 },
      /--resume 7: that run is of the job "other", and this is the job "nightly"; resume it with its own job/,
    ],
    [
      "when --resume names another job's finished run",
      unfinished({ job: 'other', status: 'finished' }),
      { resume: 7 },
      /job "other"/,
    ],
    ["when --resume names another app's run", unfinished({ sdkAppId: 2 }), { resume: 7 }, /the app was 2/],
    ['when the app has changed', unfinished({ sdkAppId: 2 }), {}, /the app was 2, it is 1 now.*--fresh/],
    ['when the endpoint has changed', unfinished({ endpoint: 'https://b' }), {}, /endpoint was https:\/\/b/],
    ['when the row format has changed', unfinished({ rowFormat: 2 }), {}, /row format was 2/],
    [
      'when another key is named',
      unfinished({ keyFingerprint: 'f00' }),
      {},
      /--pseudonymize names no key now/,
    ],
    ['when free text was left out', unfinished({ freeTextDropped: true }), {}, /--drop-free-text/],
    [
      'when a run of the whole list is unfinished',
      unfinished(),
      { retryOfRun: 5 },
      /finish it first.*--fresh/,
    ],
    ["when another job's run is unfinished there", unfinished({ job: 'other' }), {}, /job "other".*--fresh/],
  ])('%s', (_, last, changed, pattern) => {
    const start = (): unknown => decideResume(last, identity, { ...options, ...changed }, NOW);
    expect(start).toThrow(RunRefused);
    expect(start).toThrow(pattern);
  });
});
