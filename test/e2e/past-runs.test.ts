import { access, appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { runHere } from '../support/command-line.ts';
import { csvDestination, postgresDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { type ProgramResult, runProgram, startProgram } from '../support/program.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

type Listed = {
  readonly run: number;
  readonly state: string;
  readonly at_work: string | null;
  readonly users_done: number;
  readonly counts: { readonly exported: number; readonly failed: number };
};

describe.each([
  ['csv', csvDestination],
  ['postgres', () => postgresDestination()],
])('what has run to %s', (_, destinationOf) => {
  const ask = (to: string, ...args: string[]): Promise<ProgramResult> =>
    runHere(args, { env: { CHAT_EXPORT_TO: to } });
  const list = async (to: string, ...more: string[]): Promise<Listed[]> =>
    JSON.parse((await ask(to, 'runs', '--json', ...more)).stdout) as Listed[];

  test('is listed as at work, unfinished and finished, and shown whole with who was not exported', async () => {
    const failing = ['user0000003', 'user0000007'];
    const refused = failing.map((user) => ({ fault: '50002' as const, user, times: 1_000_000 }));
    const simulation = await startSimulation({
      users: 40,
      seed: 3,
      oddUserIds: 0,
      rate: 1_000,
      // Without an answer for one of the last, the run stays at work.
      script: [...refused, { fault: 'stall', user: 'user0000035', times: 1_000_000 }],
    });
    const { to } = await destinationOf();
    const { args, env } = runAgainst(simulation, to, '--chunk-size', '10');
    const run = startProgram(args, { env });
    await run.waitForLine(/chunk 1 is committed/);
    const [atWork, ...others] = await list(to);
    expect(others).toEqual([]);
    expect(atWork).toMatchObject({ run: 1, state: 'at work' });
    expect(atWork?.at_work).toContain(`process ${run.pid} on `);
    run.kill('SIGKILL');
    await run.exit;
    await simulation.change({ script: refused });

    const [unfinished] = await list(to);
    expect(unfinished).toMatchObject({ run: 1, state: 'unfinished', at_work: null });
    expect(unfinished?.users_done).toBeGreaterThanOrEqual(10);
    expect(unfinished?.counts.exported).toBeGreaterThan(0);
    expect((await ask(to, 'show', '1')).stdout).toMatch(
      /^Run 1 of job default is unfinished\n(.*\n)* +stop reason +none recorded: killed(.*\n)* +still to do/,
    );
    expect((await ask(to, 'runs')).stdout).toMatch(
      / unfinished .* \| none recorded: killed, or lost the destination\n$/,
    );

    expect(await runHere(args, { env })).toMatchObject({ code: 3 });
    const [finished] = await list(to);
    expect(finished).toMatchObject({
      state: 'finished',
      users_done: 40,
      counts: { exported: 38, failed: 2 },
    });
    const { stdout } = await ask(to, 'runs');
    expect(stdout).toMatch(
      /^ RUN \| JOB +\| +APP \|.*\n[-+]+\n +1 \| default \| 1400000000 \| finished .*\| +40 \| +38 \| +0 \| +2 \| +\d+ \|\n$/,
    );

    const shown = await ask(to, 'show', '1');
    expect(await ask(to, 'show', 'last')).toEqual(shown);
    expect(shown).toMatchObject({ code: 0 });
    for (const user of failing)
      expect(shown.stdout).toMatch(new RegExp(`\n ${user} \\| api_error +\\| +50002 \\| +1 `));
    const whole = JSON.parse((await ask(to, 'show', '1', '--json')).stdout) as {
      unexported_users: { user_id: string; reason: string }[];
    };
    expect(whole.unexported_users.map((user) => user.user_id).sort()).toEqual(failing);
  });

  test('is shown to programs whole, however many were not exported, without the memory for them', async () => {
    const simulation = await startSimulation({ users: 3, oddUserIds: 0, rate: 1_000 });
    const { to } = await destinationOf();
    const { args, env } = runAgainst(simulation, to);
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
    await addUnexported(to, 200_000);
    const { code, stdout, stderr } = await runProgram(['show', '1', '--json'], {
      env: { CHAT_EXPORT_TO: to, NODE_OPTIONS: '--max-old-space-size=64' },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { unexported_users: users, ...run } = JSON.parse(stdout) as {
      unexported_users: { user_id: string; reason: string; error_info: string }[];
    };
    expect(run).toMatchObject({ run: 1, state: 'finished', users_done: 3 });
    expect(users).toHaveLength(200_000);
    expect(users[0]).toEqual({
      user_id: 'u000001',
      sdk_app_id: 1400000000,
      reason: 'transient_error',
      error_code: 50004,
      error_info: 'too "busy",\nit said',
      calls: 1,
    });
    const firstNotInApp = users.findIndex(({ reason }) => reason === 'not_in_app');
    expect(firstNotInApp).toBe(100_000);
    expect(users.slice(firstNotInApp).every(({ reason }) => reason === 'not_in_app')).toBe(true);

    const { stdout: text } = await ask(to, 'show', '1');
    expect(text.match(/\n u\d+ \| transient_error +\|/g)).toHaveLength(20);
  });

  test('of another app or job is left out when one is named', async () => {
    const simulation = await startSimulation({ users: 3, rate: 1_000 });
    const { to } = await destinationOf();
    const { args, env } = runAgainst(simulation, to, '--name', 'weekly');
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
    expect(await list(to, '--name', 'weekly')).toHaveLength(1);
    expect(await list(to, '--name', 'nightly')).toEqual([]);
    expect(await list(to, '--sdk-app-id', '1400000000')).toHaveLength(1);
    expect(await list(to, '--sdk-app-id', '7')).toEqual([]);
    const none = await ask(to, 'runs', '--name', 'nightly');
    expect(none).toMatchObject({ code: 0, stdout: '' });
    expect(none.stderr).toMatch(/ holds no run of job nightly\n$/);
  });

  test('that is missing is reported, and looking creates nothing', async () => {
    const { to } = await destinationOf();
    if (to.startsWith('csv:')) {
      expect(await ask(to, 'runs')).toMatchObject({ code: 2, stdout: '' });
      await expect(access(to.slice('csv:'.length))).rejects.toThrow('ENOENT');
      return;
    }
    expect(await list(to)).toEqual([]);
    const missing = await ask(to, 'show', '7');
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toMatch(/^chat-export: postgres:.* holds no run 7; chat-export runs lists/);
    expect((await ask(to, 'show', 'last', '--name', 'nightly')).stderr).toMatch(
      / holds no run of job nightly; /,
    );
  });
});

/** Adds users whom run 1 has not exported; of every two, one is not in the app. */
async function addUnexported(to: string, users: number): Promise<void> {
  if (to.startsWith('csv:')) {
    const lines = Array.from({ length: users }, (_, i) => {
      const why = i % 2 === 0 ? 'not_in_app,70107' : 'transient_error,50004';
      return `u${String(i).padStart(6, '0')},1400000000,${why},"too ""busy"",\nit said",1\n`;
    });
    return await appendFile(join(to.slice('csv:'.length), 'unexported_users.csv'), lines.join(''));
  }
  const client = new pg.Client({ connectionString: to });
  await client.connect();
  await client.query(
    `insert into chat_export.unexported_users
       (user_id, sdk_app_id, run_id, reason, error_code, error_info, calls)
     select 'u' || lpad(i::text, 6, '0'), 1400000000, 1,
            case i % 2 when 0 then 'not_in_app' else 'transient_error' end,
            case i % 2 when 0 then 70107 else 50004 end, e'too "busy",\\nit said', 1
     from generate_series(0, $1::int - 1) i`,
    [users],
  );
  await client.end();
}

test.each([
  ['show', '--to', 'postgres://u:hidden-word@h/db'],
  ['migrate', 'postgres://u:hidden-word@h/db'],
  ['migrate', 'up', 'postgres://u:hidden-word@h/db'],
  ['runs', 'nightly.yaml', 'https://hooks.example.com/hidden-word'],
])('%s … ends with 2, and its message contains no URL', async (...args) => {
  const { code, stdout, stderr } = await runHere(args);
  expect(code, stderr).toBe(2);
  expect(stdout + stderr).not.toContain('hidden-word');
});

test.each([
  [['show'], /an argument is missing/],
  [
    ['show', '7', '--rats', '5', '--to', 'csv:export'],
    /--rats: there is no such option; chat-export show --help lists them/,
  ],
  [
    ['show', '7', '--nam', 'nightly', '--to', 'csv:export'],
    /--nam: there is no such option; did you mean --name\?/,
  ],
  [['show', 'x', '--to', 'csv:export'], /the run x: expected a whole number/],
  [['show', '0', '--to', 'csv:export'], /the run 0: expected a whole number/],
  [['runs', '--last', 'many', '--to', 'csv:export'], /--last many: expected a whole number/],
  [['runs', '--last', '1', '--last', '2', '--to', 'csv:export'], /--last: given twice/],
  [['runs'], /to is missing: give --to/],
  [['runs', 'nobody.yaml'], /nobody\.yaml: the job file does not exist/],
  [['runs', '--rate', '3'], /rate/],
])('%j ends with 2 and one line', async (args, pattern) => {
  const cwd = await temporaryDirectory();
  const result = await runHere(args, { cwd });
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(pattern);
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
  await expect(access(join(cwd, 'export'))).rejects.toThrow('ENOENT');
});
