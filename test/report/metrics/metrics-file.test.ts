import { readFile, watch } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NO_COUNTS } from '../../../src/destinations/contract/counts.ts';
import { MetricsFile } from '../../../src/report/metrics/metrics-file.ts';
import { start } from '../../config/job-start.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { readTextFormat } from '../../support/text-format.ts';

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
  const list = {
    lines: 9,
    users: 9,
    beyondLimit: 0,
    duplicates: 0,
    bad: 0,
    blank: 0,
    suppressed: 0,
    digest: '',
  };
  const startedAt = new Date().toISOString();
  const unfinished = {
    status: 'running',
    startedAt,
    finishedAt: null,
    stopReason: null,
    error: null,
    retryOfRun: null,
  } as const;
  const of = {
    job: job.name,
    sdkAppId: job.api.sdkAppId,
    endpoint: 'https://chat.example.com',
    rowFormat: 1,
    keyFingerprint: null,
    freeTextDropped: false,
  };
  const done = new AbortController();
  const changes = watch(directory, { signal: done.signal });
  file.events.onOpened?.({
    record: { ...of, ...unfinished, runId: 1, attempts: 1, list, chunkSize: 200, counts: NO_COUNTS },
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
        failedCalls: 0,
        retries: {},
        waits: { quota: 0, latency: 0, backOff: 0, destination: 0 },
        waiting: 0,
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
