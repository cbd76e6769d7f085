import { readdir, readFile, rm, watch, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Job } from '../../../src/config/model/job.ts';
import { NO_COUNTS } from '../../../src/destinations/contract/counts.ts';
import type { RunRecord } from '../../../src/destinations/contract/destination.ts';
import { MetricsFile } from '../../../src/report/metrics/metrics-file.ts';
import { start } from '../../config/job-start.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { readTextFormat } from '../../support/text-format.ts';

/** A run of nine users that has just started. */
function recordOf(job: Job): RunRecord {
  return {
    job: job.name,
    sdkAppId: job.api.sdkAppId,
    endpoint: 'https://chat.example.com',
    rowFormat: 1,
    keyFingerprint: null,
    freeTextDropped: false,
    status: 'running',
    startedAt: new Date().toISOString(),
    finishedAt: null,
    stopReason: null,
    error: null,
    retryOfRun: null,
    runId: 1,
    attempts: 1,
    list: {
      lines: 9,
      users: 9,
      beyondLimit: 0,
      duplicates: 0,
      bad: 0,
      blank: 0,
      suppressed: 0,
      digest: '',
    },
    chunkSize: 200,
    counts: NO_COUNTS,
  };
}

/** An attempt that ends with this code; after 0, with a finished run. Returns its metrics and its failures. */
async function attempt(path: string, job: Job, exitCode: number) {
  const failures: string[] = [];
  const file = new MetricsFile({ path, job, onFailure: (message) => void failures.push(message) });
  const record = recordOf(job);
  if (exitCode === 0)
    file.came({
      kind: 'finished',
      record,
      destination: 'x',
      calls: 9,
      failedCalls: 4,
      rateMarginMs: 14,
      rateLimitedCalls: 3,
      pullMs: 5,
    });
  await file.end(exitCode);
  const samples = readTextFormat(await readFile(path, 'utf8'));
  const value = (name: string) =>
    samples.find((sample) => sample.name === `chat_export_${name}`)?.value ?? null;
  return { success: value('last_success_timestamp_seconds'), exit: value('last_exit_code'), failures };
}

test('the last success outlives failed attempts, and the metrics themselves', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'job.prom');
  const { job } = await start();
  const { success } = await attempt(path, job, 0);
  expect(success).toBeGreaterThan(0);
  await writeFile(path, 'chat_export_last_success_timestamp_seconds 1\n');
  expect(await attempt(path, job, 5)).toEqual({ success, exit: 5, failures: [] });
  await rm(path);
  expect(await attempt(path, job, 4)).toEqual({ success, exit: 4, failures: [] });
});

test.each([
  [0, 'finished'],
  [1, 'fault'],
  [2, 'wrong_input'],
  [3, 'finished_with_failed_users'],
  [4, 'api'],
  [5, 'destination'],
  [6, 'guard'],
  [7, 'out_of_time'],
  [8, 'locked'],
  [130, 'interrupted'],
  [143, 'interrupted'],
])('the outcome of exit code %i is %s, and no other', async (exitCode, word) => {
  const path = join(await temporaryDirectory(), 'job.prom');
  await attempt(path, (await start()).job, exitCode);
  const reported = readTextFormat(await readFile(path, 'utf8')).filter(
    ({ name }) => name === 'chat_export_last_outcome',
  );
  expect(reported.filter(({ value }) => value === 1).map(({ labels }) => labels.outcome)).toEqual([word]);
  expect(new Set(reported.map(({ labels }) => labels.outcome)).size).toBe(reported.length);
});

test('what the next attempt takes over is in one file, which node_exporter does not read', async () => {
  const directory = await temporaryDirectory();
  const { job } = await start();
  const { success } = await attempt(join(directory, 'job.prom'), job, 0);
  expect((await readdir(directory)).sort()).toEqual(['job.prom', 'job.prom.state.json']);
  expect(JSON.parse(await readFile(join(directory, 'job.prom.state.json'), 'utf8'))).toEqual({
    job_name: job.name,
    destination: 'csv',
    sdk_app_id: '1400000000',
    in_progress: false,
    updated_at: expect.any(Number),
    last_success_at: success,
    last_end_at: success,
    last_exit_code: 0,
  });
});

test('the state of another job is not taken over', async () => {
  const path = join(await temporaryDirectory(), 'job.prom');
  const { job } = await start();
  await attempt(path, job, 0);
  expect(await attempt(path, { ...job, name: 'another' }, 5)).toEqual({
    success: null,
    exit: 5,
    failures: [],
  });
});

test.each(['', '{', 'null', '[]', '{"in_progress":true}', '{"in_progress":1,"updated_at":"now"}'])(
  'a damaged state (%s) is one warning, and the metrics start over',
  async (text) => {
    const path = join(await temporaryDirectory(), 'job.prom');
    const { job } = await start();
    await writeFile(`${path}.state.json`, text);
    expect(await attempt(path, job, 5)).toEqual({
      success: null,
      exit: 5,
      failures: [expect.stringMatching(/job\.prom\.state\.json is damaged/)],
    });
    const { success } = await attempt(path, job, 0);
    expect(await attempt(path, job, 5)).toEqual({ success, exit: 5, failures: [] });
  },
);

test('while a run is at work, its file is written again and again, and never half', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'job.prom');
  const { job } = await start();
  const failures: string[] = [];
  const file = new MetricsFile({
    path,
    job,
    everyMs: 5,
    onFailure: (message) => void failures.push(message),
  });
  let exported = 0;
  const done = new AbortController();
  const changes = watch(directory, { signal: done.signal });
  file.events.onOpened?.({
    record: recordOf(job),
    decision: { kind: 'start', why: 'it is a test' },
    destination: 'nowhere',
    usersDone: 0,
    progress: () => {
      exported += 1;
      const counts = { ...NO_COUNTS, exported };
      return {
        users: 9,
        usersDone: exported,
        counts,
        calls: 9,
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
    },
  });
  file.events.onOutage?.('api', { cause: 'it is a test', forMs: 0 });
  const seen: number[] = [];
  for await (const { filename } of changes) {
    if (filename !== 'job.prom') continue;
    const samples = readTextFormat(await readFile(path, 'utf8'));
    const saidOf = (name: string, label: string, text: string) =>
      samples.find((sample) => sample.name === name && sample.labels[label] === text)?.value ?? -1;
    seen.push(saidOf('chat_export_run_users', 'outcome', 'exported'));
    expect(saidOf('chat_export_unavailable', 'what', 'api')).toBe(1);
    if (seen.length === 5) break;
  }
  await file.end(4);
  done.abort();
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(new Set(seen).size).toBeGreaterThan(1);
  const last = readTextFormat(await readFile(path, 'utf8'));
  expect(last.find(({ name }) => name === 'chat_export_run_in_progress')?.value).toBe(0);
  expect(last.filter(({ name }) => name === 'chat_export_unavailable').map(({ value }) => value)).toEqual([
    0, 0,
  ]);
  expect(failures).toEqual([]);
});
