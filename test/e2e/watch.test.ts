import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { exitCodes } from '../../src/errors/exit-codes.ts';
import { outcomes } from '../../src/report/metrics/outcomes.ts';
import { contactGroups, conversations, memberships } from '../../src/rows/tables.ts';
import { canRunAsSomeone, someone } from '../support/another-account.ts';
import { runHere } from '../support/command-line.ts';
import { createDatabase } from '../support/database.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { csvRows } from '../support/rows.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';
import { type MetricSample, readTextFormat } from '../support/text-format.ts';
import { PING_PATH, startWatcher } from '../support/watcher.ts';

const FAST = ['--rate', '1000', '--max-attempts', '2'];

/** The metrics in a file: the value of a name, with the labels that it has beside the job's. */
async function metricsIn(file: string) {
  const samples = readTextFormat(await readFile(file, 'utf8'));
  const labelsOf = ({ labels: { job_name: _, destination: __, sdk_app_id: ___, ...more } }: MetricSample) =>
    more;
  return {
    samples,
    value: (name: string): number | undefined =>
      samples.find(
        (sample) => sample.name === `chat_export_${name}` && Object.keys(labelsOf(sample)).length === 0,
      )?.value,
    values: (name: string): Record<string, number> =>
      Object.fromEntries(
        samples
          .filter((sample) => sample.name === `chat_export_${name}`)
          .map((sample) => [Object.values(labelsOf(sample)).join(), sample.value]),
      ),
    outcome: () =>
      samples
        .filter(({ name, value }) => name === 'chat_export_last_outcome' && value === 1)
        .map(({ labels }) => labels.outcome),
  };
}

test('a run with failed users leaves metrics that agree with its result and its rows, and pings success', async () => {
  const simulation = await startSimulation({
    users: 200,
    rate: 1_000,
    failing: 0.05,
    notImported: 0.05,
    faults: { '50004': 0.05 },
  });
  const watcher = await startWatcher();
  const place = await temporaryDirectory();
  const to = join(place, 'export');
  const file = join(place, 'job.prom');
  const { args, env } = runAgainst(simulation, `csv:${to}`, ...FAST, '--metrics-file', file, '--json');
  const before = Date.now() / 1000;
  const { code, stdout, stderr } = await runHere(args, { env: { ...env, CHAT_EXPORT_PING: watcher.url } });
  const after = Date.now() / 1000;
  expect(code, stderr).toBe(3);
  expect(watcher.asked).toEqual([`GET ${PING_PATH}/start`, `GET ${PING_PATH}`]);
  expect(stdout + stderr).not.toContain(PING_PATH);
  expect((await readdir(place)).sort()).toEqual(['export', 'job.prom', 'job.prom.state.json']);

  const { samples, value, values, outcome } = await metricsIn(file);
  for (const { labels } of samples) {
    expect(labels).toMatchObject({ job_name: 'default', destination: 'csv', sdk_app_id: '1400000000' });
  }
  const { run, counts, this_attempt: start } = JSON.parse(stdout);
  expect(value('run_in_progress')).toBe(0);
  expect(value('last_exit_code')).toBe(3);
  expect(outcome()).toEqual(['finished_with_failed_users']);
  for (const instant of ['last_success', 'last_end', 'updated', 'attempt_start', 'run_start']) {
    expect(value(`${instant}_timestamp_seconds`), instant).toBeGreaterThanOrEqual(before - 0.001);
    expect(value(`${instant}_timestamp_seconds`), instant).toBeLessThanOrEqual(after);
  }
  expect(value('run_number')).toBe(run);
  expect(value('run_users_planned')).toBe(200);
  expect(values('run_users')).toEqual({
    exported: counts.exported,
    not_in_app: counts.not_in_app,
    failed: counts.failed,
    open: 0,
  });
  expect(counts.failed).toBeGreaterThan(0);
  expect(values('run_users_failed')).toEqual(counts.failures);
  expect(values('run_rows')).toEqual({
    conversations: (await csvRows(to, conversations)).length,
    contact_groups: (await csvRows(to, contactGroups)).length,
    memberships: (await csvRows(to, memberships)).length,
  });
  expect(values('run_calls')).toEqual({ 0: counts.pages, ...counts.errors });
  expect(values('run_calls')['50004']).toBeGreaterThan(0);
  // Each page that was tried again was tried before, and failed then.
  expect(value('run_retries')).toBe(counts.retries);
  expect(value('run_retries')).toBeGreaterThan(0);
  expect(value('run_retries')).toBeLessThanOrEqual(counts.calls - counts.pages);
  expect(value('attempt_quota_used_ratio')).toBeCloseTo(start.quota_used, 6);
  expect(value('quota_calls_per_second')).toBe(1000);
});

test('an attempt that fails keeps the time of the last success, whatever the job is called, and pings failure', async () => {
  const simulation = await startSimulation({ users: 10, rate: 1_000 });
  const watcher = await startWatcher();
  const place = await temporaryDirectory();
  const file = join(place, 'job.prom');
  const more = ['--metrics-file', file, '--name', 'a "night" \\n }, 1'];
  const { args, env } = runAgainst(simulation, `csv:${join(place, 'export')}`, ...FAST, ...more);
  expect((await runHere(args, { env })).code).toBe(0);
  const first = await metricsIn(file);
  expect(first.outcome()).toEqual(['finished']);

  await writeFile(join(place, 'users.txt'), '\u0000\n');
  const bad = args.map((arg) => (arg === simulation.users ? join(place, 'users.txt') : arg));
  expect((await runHere(bad, { env: { ...env, CHAT_EXPORT_PING: watcher.url } })).code).toBe(2);
  const second = await metricsIn(file);
  expect(second.outcome()).toEqual(['wrong_input']);
  expect(second.value('last_exit_code')).toBe(2);
  const success = 'last_success_timestamp_seconds';
  expect(second.value(success)).toBe(first.value(success));
  expect(second.value('last_end_timestamp_seconds')).toBeGreaterThan(Number(second.value(success)));
  expect(second.value('run_users_planned')).toBeUndefined();
  expect(watcher.asked).toEqual([`GET ${PING_PATH}/fail`]);
});

test('a run at work is visible, a second attempt leaves the file to it, and a signal is a reported end', async () => {
  const simulation = await startSimulation({ users: 500, rate: 1_000 });
  const watcher = await startWatcher();
  const place = await temporaryDirectory();
  const file = join(place, 'job.prom');
  const to = `csv:${join(place, 'export')}`;
  const { args, env } = runAgainst(simulation, to, '--rate', '20', '--metrics-file', file);
  const withPing = { ...env, CHAT_EXPORT_PING: watcher.url };
  const run = startProgram(args, {
    env: withPing,
    via: ['/bin/sh', '-c', 'umask 077; exec "$0" "$@"'],
  });
  await run.waitForLine(/run 1 of job default starts/);
  // Written at the start; until then, there is none.
  await expect
    .poll(() =>
      metricsIn(file).then(
        ({ value }) => value('run_in_progress'),
        () => null,
      ),
    )
    .toBe(1);
  // The collector runs under another account, whatever the umask of the export.
  expect((await stat(file)).mode & 0o777).toBe(0o644);

  const second = await runHere(args, { env: withPing });
  expect(second.code, second.stderr).toBe(8);
  const still = await metricsIn(file);
  expect(still.value('run_in_progress')).toBe(1);
  expect(still.value('last_exit_code')).toBeUndefined();

  run.kill();
  expect((await run.exit).code).toBe(143);
  const { value, values, outcome } = await metricsIn(file);
  expect(value('run_in_progress')).toBe(0);
  expect(value('last_success_timestamp_seconds')).toBeUndefined();
  expect(outcome()).toEqual(['interrupted']);
  expect(values('run_users').open).toBeGreaterThan(0);
  expect(watcher.asked).toEqual([`GET ${PING_PATH}/start`, `GET ${PING_PATH}/fail`]);
});

test.runIf(canRunAsSomeone)(
  'a metrics file that cannot be written is one warning (needs root, in a clone that other accounts reach)',
  async () => {
    const simulation = await startSimulation({ users: 10, rate: 1_000 });
    const [closed, open] = [await temporaryDirectory(), await temporaryDirectory()];
    await chmod(open, 0o777);
    const file = join(closed, 'job.prom');
    const more = ['--metrics-file', file];
    const { args, env } = runAgainst(simulation, `csv:${join(open, 'export')}`, ...FAST, ...more);
    // The list is in a directory that this account may enter.
    const { code, stderr } = await runProgram(args, { env, account: someone });
    expect(code, stderr).toBe(0);
    expect(stderr.match(/WARN.*$/gm)).toEqual([
      expect.stringMatching(
        /--metrics-file \S+ cannot be written; the run continues without it: permission denied \(EACCES\)/,
      ),
    ]);
    expect(await readdir(closed)).toEqual([]);
  },
);

test('a ping that fails is a warning without its path, and the run ends as it would have', async () => {
  const simulation = await startSimulation({ users: 10, rate: 1_000 });
  const watcher = await startWatcher(() => 410);
  const { args, env } = runAgainst(simulation, `csv:${join(await temporaryDirectory(), 'export')}`, ...FAST);
  const { code, stderr } = await runHere(args, { env: { ...env, CHAT_EXPORT_PING: watcher.url } });
  expect(code).toBe(0);
  expect(stderr.match(/WARN/g)).toHaveLength(2);
  expect(stderr).toContain(`the ping of http://127.0.0.1:${watcher.port}/… for the run's success failed`);
  expect(stderr).not.toContain(PING_PATH);
});

test('a retry run writes no metrics and sends no pings', async () => {
  const script = [{ fault: '50004' as const, user: 'user0000003', times: 1_000_000 }];
  const simulation = await startSimulation({ users: 10, rate: 1_000, oddUserIds: 0, script });
  const { url } = await createDatabase({});
  const file = join(await temporaryDirectory(), 'night.prom');
  const watcher = await startWatcher();
  const { args, env } = runAgainst(simulation, url, ...FAST, '--metrics-file', file);
  const watched = { ...env, CHAT_EXPORT_PING: watcher.url };
  expect(await runHere(args, { env: watched })).toMatchObject({ code: 3 });
  await simulation.change({ script: [] });
  const [before, pings] = [await readFile(file, 'utf8'), watcher.asked.length];
  const [command = '', , users = '', ...others] = args;
  const retryRun = [command, ...others, '--retry-failed', 'last'];
  expect(await runHere(retryRun, { env: { ...watched, CHAT_EXPORT_USERS: users } })).toMatchObject({
    code: 0,
  });
  expect(await readFile(file, 'utf8')).toBe(before);
  expect(watcher.asked).toHaveLength(pings);
});

test('a log of JSON is JSON to its end, which shows how the attempt ended', async () => {
  const simulation = await startSimulation({ users: 5, rate: 1_000 });
  const to = `csv:${join(await temporaryDirectory(), 'export')}`;
  const { args, env } = runAgainst(simulation, to, ...FAST, '--log-format', 'json');
  const last = (stderr: string): unknown =>
    stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
      .at(-1);
  const done = await runHere(args, { env });
  expect(last(done.stderr)).toMatchObject({ level: 30, exit_code: 0 });
  const wrong = await runHere(args, { env: { ...env, CHAT_EXPORT_SECRET_KEY: 'another' } });
  expect(wrong.code).toBe(4);
  expect(last(wrong.stderr)).toMatchObject({
    level: 50,
    exit_code: 4,
    msg: expect.stringMatching(/^70009: /),
  });
});

test('there is a word for each exit code', () => {
  expect([...outcomes.keys()].sort()).toEqual(Object.values(exitCodes).sort());
});

test('jobs/alerts.yaml asks for nothing that the program does not write', async () => {
  const simulation = await startSimulation({ users: 10, rate: 1_000 });
  const place = await temporaryDirectory();
  const more = ['--metrics-file', join(place, 'job.prom')];
  const { args, env } = runAgainst(simulation, `csv:${join(place, 'export')}`, ...FAST, ...more);
  await runHere(args, { env });
  const { samples } = await metricsIn(join(place, 'job.prom'));
  const { groups } = parse(await readFile(resolve(import.meta.dirname, '../../jobs/alerts.yaml'), 'utf8'));
  const rules = groups.flatMap((group: { rules: { alert: string; expr: string }[] }) => group.rules);
  expect(rules.length).toBeGreaterThan(5);
  for (const { alert, expr } of rules) {
    const asked = [...expr.matchAll(/(chat_export_\w+)(?:\{(\w+)=~?"([^"]+)"\})?/g)];
    expect(asked.length, alert).toBeGreaterThan(0);
    for (const [, name, label, allowed] of asked) {
      const written = samples.filter((sample) => sample.name === name);
      expect(written, `${alert}: ${name}`).not.toEqual([]);
      if (label === undefined || allowed === undefined) continue;
      const labels = written.map((sample) => sample.labels[label]);
      expect(labels, `${alert}: ${name}{${label}}`).not.toContain(undefined);
      // Codes are the API's; every other label has all of its values, always.
      if (label !== 'code')
        expect(labels, `${alert}: ${name}`).toEqual(expect.arrayContaining(allowed.split('|')));
    }
  }
});
