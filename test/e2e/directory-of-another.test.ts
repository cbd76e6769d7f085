import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runHere } from '../support/command-line.ts';
import { csvDestination, gzipDestination, parquetDestination } from '../support/destinations.ts';
import { wholeDirectory } from '../support/raw-ids.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

const OTHER_APP = '1400000999';

const asApp = (args: readonly string[], app: string): string[] =>
  args.map((arg, i) => (args[i - 1] === '--sdk-app-id' ? app : arg));

test.each([
  ['csv', csvDestination],
  ['csv by gzip', gzipDestination],
  ['parquet', parquetDestination],
] as const)(
  'a finished export in %s is refused to another job and to another app before the first call',
  async (_, destinationOf) => {
    const simulation = await startSimulation({ users: 10, rate: 5_000, oddUserIds: 0 });
    const { to, options = [] } = await destinationOf();
    const directory = to.slice(to.indexOf(':') + 1);
    const callAs = (app: string, command: 'run' | 'check', ...more: string[]) => {
      const { args, env } = runAgainst(simulation, to, ...options, ...more);
      return runHere([command, ...asApp(args, app).slice(1)], { env });
    };
    const call = (command: 'run' | 'check', ...more: string[]) => callAs('1400000000', command, ...more);
    expect(await call('run', '--name', 'nightly')).toMatchObject({ code: 0 });
    const before = await wholeDirectory(directory);
    const { calls } = await simulation.report();

    const ofJob =
      /the export of another job is there \(run 1 of the job "nightly", finished \S+, 10 users\), and a run of the job "trial" would replace it; choose another directory, give the job its name \(--name nightly\), or use --fresh to replace it/;
    expect(await call('run', '--name', 'trial')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(ofJob),
    });
    const ofApp =
      /holds an export of app 1400000000 \(run 1 of the job "nightly", finished\), but this job exports app 1400000999; compare --sdk-app-id, choose another directory, or remove this one first/;
    for (const more of [[], ['--fresh'], ['--resume', '1']]) {
      expect(await callAs(OTHER_APP, 'run', '--name', 'nightly', ...more)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(ofApp),
      });
    }
    expect((await simulation.report()).calls).toBe(calls);
    expect(await wholeDirectory(directory)).toBe(before);

    const checked = await call('check', '--name', 'trial', '--json');
    expect(checked.code).toBe(2);
    expect(checked.stdout).toMatch(/the export of another job is there/);
    expect((await callAs(OTHER_APP, 'check', '--name', 'nightly', '--json')).stdout).toMatch(
      /holds an export of app 1400000000/,
    );

    // The same job with another list is the next run, and a job may replace another's export if that is asked for.
    expect(await call('run', '--name', 'nightly', '--limit', '5')).toMatchObject({ code: 0 });
    expect(await call('check', '--name', 'trial', '--fresh')).toMatchObject({ code: 0 });
    expect(await call('run', '--name', 'trial', '--fresh')).toMatchObject({ code: 0 });
    expect(await call('run', '--name', 'trial')).toMatchObject({ code: 0 });
  },
);

test('a run that replaces another job’s export resumes without being asked again', async () => {
  const simulation = await startSimulation({ users: 30, rate: 5_000, oddUserIds: 0 });
  const { to } = await csvDestination();
  const run = (...more: string[]) => {
    const { args, env } = runAgainst(simulation, to, ...more);
    return runHere(args, { env });
  };
  expect(await run('--name', 'nightly')).toMatchObject({ code: 0 });
  const slow = ['--rate', '10', '--chunk-size', '5', '--max-duration', '1s'];
  expect(await run('--name', 'trial', '--fresh', ...slow)).toMatchObject({ code: 7 });
  expect(await run('--name', 'trial')).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/run 2 of job trial resumes/),
  });
});

test('a user who is erased in one app is exported from another into the same directory', async () => {
  const list = { users: 10, seed: 4, rate: 5_000, oddUserIds: 0 };
  const first = await startSimulation(list);
  const second = await startSimulation({ ...list, sdkAppId: Number(OTHER_APP) });
  const { to } = await csvDestination();
  const directory = to.slice('csv:'.length);
  const run = async (simulation: typeof first, app: string) => {
    const { args, env } = runAgainst(simulation, to, '--json');
    return JSON.parse((await runHere(asApp(args, app), { env })).stdout) as Record<string, unknown>;
  };
  expect(await run(first, '1400000000')).toMatchObject({ users: 10, users_suppressed: 0 });
  const erase = ['erase', 'user0000003', '--to', to, '--sdk-app-id', '1400000000'];
  expect(await runHere(erase, {})).toMatchObject({ code: 0 });
  const removeExport = async () => {
    for (const name of await readdir(directory))
      if (name !== 'suppressed.json') await rm(join(directory, name), { recursive: true });
  };
  await removeExport();
  expect(await run(second, OTHER_APP)).toMatchObject({ users: 10, users_suppressed: 0 });
  await removeExport();
  expect(await run(first, '1400000000')).toMatchObject({ users: 9, users_suppressed: 1 });
});
