import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { runHere } from '../support/command-line.ts';
import {
  csvDestination,
  differences,
  embeddedDestination,
  postgresDestination,
} from '../support/destinations.ts';
import { type ProgramResult, startProgram } from '../support/program.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

const failing = (code: '50002' | '51007', ...users: number[]) =>
  users.map((user) => ({ fault: code, user: `user${String(user).padStart(7, '0')}`, times: 1_000_000 }));

const simulate = (script: ReturnType<typeof failing>): Promise<Simulation> =>
  startSimulation({ users: 60, seed: 5, oddUserIds: 0, rate: 1_000, script });

type Listed = {
  readonly run: number;
  readonly state: string;
  readonly retry_of_run: number | null;
  readonly starts: number;
  readonly list: { readonly users: number };
  readonly counts: { readonly exported: number; readonly failed: number };
};

/** A job that can be run, with flags of its own each time, and looked at. */
function jobOf(simulation: Simulation, to: string) {
  const run = (...flags: string[]): Promise<ProgramResult> => {
    const { args, env } = runAgainst(simulation, to, ...flags);
    // The list of a job is in its file or in a variable; a flag would be a contradiction.
    const [, , users = '', ...others] = args;
    return runHere(['run', ...others], { env: { ...env, CHAT_EXPORT_USERS: users } });
  };
  const runs = async (): Promise<Listed[]> =>
    JSON.parse((await runHere(['runs', '--json'], { env: { CHAT_EXPORT_TO: to } })).stdout) as Listed[];
  return { run, runs };
}

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return (await client.query(sql).finally(() => client.end())).rows;
}

const stale = async (to: string): Promise<unknown[]> =>
  (await query(to, 'select user_id from chat_export.stale_users order by 1')).map(({ user_id: id }) => id);

test('the failed users of a run are pulled again, and no others, until there are none', async () => {
  const simulation = await simulate([...failing('50002', 3, 7), ...failing('51007', 9, 11)]);
  const destination = await postgresDestination();
  const { to } = destination;
  const { run, runs } = jobOf(simulation, to);
  expect(await run()).toMatchObject({ code: 3 });
  expect(await stale(to)).toHaveLength(4);

  // One of the two that failed with 51007 can be exported by now.
  await simulation.change({ script: [...failing('50002', 3, 7), ...failing('51007', 11)] });
  expect(await run('--retry-failed', 'last', '--code', '51007', '--code', '50003')).toMatchObject({
    code: 3,
  });
  expect((await runs())[0]).toMatchObject({
    run: 2,
    state: 'finished',
    retry_of_run: 1,
    list: { users: 2 },
    counts: { exported: 1, failed: 1 },
  });
  expect(await stale(to)).toEqual(['user0000003', 'user0000007', 'user0000011']);
  expect((await runHere(['runs'], { env: { CHAT_EXPORT_TO: to } })).stdout).toMatch(
    /\n +2 \| default \(retries run 1\) \|/,
  );
  expect((await runHere(['show', '2'], { env: { CHAT_EXPORT_TO: to } })).stdout).toMatch(
    /\n +retries +the failed users of run 1\n/,
  );

  await simulation.change({ script: [] });
  expect(await run('--retry-failed', '1')).toMatchObject({ code: 0 });
  expect((await runs())[0]).toMatchObject({
    run: 3,
    retry_of_run: 1,
    list: { users: 3 },
    counts: { exported: 3 },
  });
  expect(await stale(to)).toEqual([]);
  expect(await differences(simulation.expectedDir, destination)).toEqual({});
  expect(await runHere(['verify'], { env: { CHAT_EXPORT_TO: to } })).toMatchObject({ code: 0 });

  const nothing = await run('--retry-failed', 'last', '--json');
  expect(nothing.code).toBe(0);
  expect(JSON.parse(nothing.stdout)).toEqual({ outcome: 'nothing-to-retry', exit_code: 0 });
  expect(nothing.stderr).toMatch(/there are no failed users of run 1: there is nothing to retry/);
  expect(await runs()).toHaveLength(3);
});

test('a run that --limit kept short is not one of a whole list: neither for --retry-failed last, nor for stale_users', async () => {
  const simulation = await simulate(failing('50002', 3));
  const { to } = await postgresDestination();
  const { run, runs } = jobOf(simulation, to);
  expect(await run()).toMatchObject({ code: 3 });
  expect(await run('--limit', '2')).toMatchObject({ code: 0 });
  expect(await stale(to)).toEqual(['user0000003']);
  await simulation.change({ script: [] });
  expect(await run('--retry-failed', 'last')).toMatchObject({ code: 0 });
  expect((await runs())[0]).toMatchObject({ run: 3, retry_of_run: 1, list: { users: 1 } });
  expect(await stale(to)).toEqual([]);
});

test('users who are not in the app are not failed', async () => {
  const simulation = await startSimulation({
    users: 10,
    oddUserIds: 0,
    rate: 1_000,
    script: [{ fault: '70107', user: 'user0000003', times: 1_000_000 }],
  });
  const { to } = await embeddedDestination();
  const { run, runs } = jobOf(simulation, to);
  expect(await run()).toMatchObject({ code: 0 });
  expect(await run('--retry-failed', 'last')).toMatchObject({ code: 0, stdout: '' });
  expect(await run('--retry-failed', '1', '--code', '70107')).toMatchObject({ code: 0, stdout: '' });
  expect(await runs()).toHaveLength(1);
});

test('a killed retry run resumes with the same command, and a run of the list does not resume it', async () => {
  const refused = failing('50002', 3, 7, 9);
  const simulation = await simulate(refused);
  const { to } = await postgresDestination();
  const { run, runs } = jobOf(simulation, to);
  expect(await run()).toMatchObject({ code: 3 });
  const killed = async (): Promise<void> => {
    await simulation.change({
      script: [...failing('50002', 3), { fault: 'stall', user: 'user0000009', times: 1_000_000 }],
    });
    const { args, env } = runAgainst(simulation, to, '--retry-failed', '1', '--chunk-size', '1');
    const program = startProgram(['run', ...args.slice(3)], { env });
    await program.waitForLine(/chunk 1 is committed/);
    program.kill('SIGKILL');
    await program.exit;
    await simulation.change({ script: refused });
  };
  await killed();
  const resumed = await run('--retry-failed', '1');
  expect(resumed).toMatchObject({ code: 3 });
  expect(resumed.stderr).not.toMatch(/the user list has changed/);
  expect((await runs())[0]).toMatchObject({
    run: 2,
    retry_of_run: 1,
    attempts: 2,
    state: 'finished',
    list: { users: 3 },
  });

  await killed();
  const exportOnce = await run();
  expect(exportOnce.stderr).toMatch(
    /run 3 is unfinished, but only retries the failed users of run 1; it is closed as abandoned/,
  );
  expect((await runs()).slice(0, 2)).toMatchObject([
    { run: 4, retry_of_run: null, list: { users: 60 } },
    { run: 3, retry_of_run: 1, state: 'abandoned' },
  ]);
});

test('a retry run is stopped neither by failures in a row nor by --max-failed-users, and prunes no user', async () => {
  const many = Array.from({ length: 110 }, (_, i) => i);
  const simulation = await startSimulation({
    users: 220,
    seed: 5,
    oddUserIds: 0,
    rate: 1_000,
    // Not in a row: the run passes.
    script: failing('50002', ...many.map((i) => 2 * i)),
  });
  const { to } = await postgresDestination();
  const { run, runs } = jobOf(simulation, to);
  expect(await run()).toMatchObject({ code: 3 });
  const { args, env } = runAgainst(simulation, to, '--retry-failed', 'last', '--chunk-size', '50');
  const retryRun = await runHere(['run', ...args.slice(3)], {
    env: { ...env, CHAT_EXPORT_PRUNE: 'true', CHAT_EXPORT_MAX_FAILED_USERS: '1%' },
  });
  expect(retryRun).toMatchObject({ code: 3 });
  expect(retryRun.stderr).toMatch(
    /--prune: no user was removed, because the run only retries the failed users of run 1/,
  );
  expect((await runs())[0]).toMatchObject({ retry_of_run: 1, state: 'finished', counts: { failed: 110 } });
  expect(await query(to, 'select count(*)::int as users from chat_export.exported_users')).toEqual([
    { users: 110 },
  ]);
});

describe('a retry that is impossible is refused with 2', () => {
  test('in files, where the failed users alone would take the place of everybody', async () => {
    const simulation = await simulate(failing('50002', 3));
    const destination = await csvDestination();
    const { run } = jobOf(simulation, destination.to);
    expect(await run()).toMatchObject({ code: 3 });
    const result = await run('--retry-failed', 'last');
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(
      /--users DIR\/unexported_users\.csv --to csv:ANOTHER, or run the whole list again/,
    );
    // As it says.
    await simulation.change({ script: [] });
    const other = await csvDestination();
    const { args, env } = runAgainst(simulation, other.to);
    const failed = `${destination.to.slice('csv:'.length)}/unexported_users.csv`;
    expect(await runHere(['run', '--users', failed, ...args.slice(3)], { env })).toMatchObject({ code: 0 });
  });

  test('a run of another job or app, a missing run, a retry run, an unfinished run', async () => {
    const simulation = await simulate(failing('50002', 3));
    const { to } = await postgresDestination();
    const { run } = jobOf(simulation, to);
    expect(await run('--retry-failed', 'last')).toMatchObject({ code: 2, stdout: '' });
    expect(await run()).toMatchObject({ code: 3 });
    expect(await run('--retry-failed', '1')).toMatchObject({ code: 3 });
    const cases: [string[], RegExp][] = [
      [['--retry-failed', '7'], /--retry-failed 7: .* holds no run 7; chat-export runs lists/],
      [['--retry-failed', '1', '--name', 'weekly'], /that run is of job "default"/],
      [['--retry-failed', 'last', '--name', 'weekly'], /holds no finished run of job "weekly"/],
      [['--retry-failed', '2'], /itself retries run 1; --retry-failed 1/],
      [['--retry-failed', '1', '--prune'], /exclude each other/],
      [['--retry-failed', '1', '--users', 'a.txt'], /exclude each other/],
      [['--retry-failed', '1', '--resume', '2'], /exclude each other/],
      [['--code', '50004'], /narrows --retry-failed RUN, which is missing/],
      [['--retry-failed', 'first'], /expected the number of a run/],
      [['--retry-failed', '1', '--code', 'x'], /expected a code of the API/],
    ];
    for (const [flags, pattern] of cases) {
      const result = await run(...flags);
      expect(result, flags.join(' ')).toMatchObject({ code: 2, stdout: '' });
      expect(result.stderr).toMatch(pattern);
    }
    await query(to, `update chat_export.runs set status = 'running' where run_id = 1`);
    expect((await run('--retry-failed', '1')).stderr).toMatch(/that run is unfinished/);
    await query(to, `update chat_export.runs set sdk_app_id = 7, status = 'finished' where run_id = 1`);
    expect((await run('--retry-failed', '1')).stderr).toMatch(
      /that run is of app 7, this job is of 1400000000/,
    );
  });
});
