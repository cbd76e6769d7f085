import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { canRunAsSomeone, someone } from '../support/another-account.ts';
import { runHere } from '../support/command-line.ts';
import { createDatabase } from '../support/database.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { type ProgramResult, runProgram, startProgram } from '../support/program.ts';
import { runAgainst, SECRET_KEY, type Simulation, startSimulation } from '../support/simulation.ts';

let simulation: Simulation;
let place: string;
beforeAll(async () => {
  simulation = await startSimulation({ users: 50, rate: 1_000 });
});
beforeEach(async () => {
  place = await temporaryDirectory();
});

type Change = { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> };

/** The result of a run that was opened, and ended by an error. */
const HALTED = expect.stringMatching(/^Run 1 of job default failed: .*\n {2}destination/);

/** A valid run with the given changes. */
const run = ({ args: more = [], env: changed = {} }: Change): Promise<ProgramResult> => {
  const { args, env } = runAgainst(simulation, `csv:${join(place, 'export')}`, ...more);
  return runProgram(args, { env: { ...env, ...changed }, cwd: place });
};

/** The lines of standard error that say why, without those of the log. */
const reasons = ({ stderr }: ProgramResult): string[] =>
  stderr.split('\n').filter((line) => line.startsWith('chat-export: '));

function expectOneLine(result: ProgramResult, code: number, pattern: RegExp, stdout: unknown = ''): void {
  expect(result).toMatchObject({ code, stdout });
  expect(reasons(result)).toHaveLength(1);
  expect(reasons(result)[0]).toMatch(pattern);
  expect(result.stderr).not.toMatch(/^ +at /m);
}

describe('a command that is wrong ends with 2, one line, no call and nothing written', () => {
  const list = async (name: string, content: string | Buffer): Promise<string> => {
    const path = join(place, name);
    await writeFile(path, content);
    return path;
  };
  // `--users` and the like given twice are a misuse of their own, so these replace the whole command.
  const command = (users: string, ...more: string[]): Promise<ProgramResult> =>
    runHere(['run', '--users', users, '--endpoint', simulation.url, '--sdk-app-id', '1400000000', ...more], {
      env: { CHAT_EXPORT_SECRET_KEY: SECRET_KEY, CHAT_EXPORT_TO: `csv:${join(place, 'export')}` },
      cwd: place,
    });

  test.each<[string, () => Promise<ProgramResult>, RegExp]>([
    ['a list that is not there', () => command('nobody.txt'), /nobody\.txt: the list does not exist/],
    [
      'a list with an ID that is too long',
      async () => command(await list('users.txt', `u1\n${'x'.repeat(33)}\nu3\n`)),
      /users\.txt:2: a user ID has at most 32 bytes/,
    ],
    [
      'a list that is not UTF-8',
      async () => command(await list('users.txt', Buffer.from([0x75, 0x31, 0x0a, 0xff, 0xfe, 0x0a]))),
      /users\.txt:2: not UTF-8/,
    ],
    ['an empty list', async () => command(await list('users.txt', '\n\n')), /holds no user ID/],
    ['a rate that is no number', () => command(simulation.users, '--rate', 'abc'), /--rate abc: /],
    ['--no-rate', () => command(simulation.users, '--no-rate'), /no-rate/],
    [
      'a flag given twice',
      () => command(simulation.users, '--rate', '1', '--rate', '2'),
      /--rate: given twice/,
    ],
    ['a flag without a value', () => command(simulation.users, '--rate'), /--rate: given without a value/],
    [
      'an action that does not exist',
      () => runHere(['migrate', 'sideways']),
      /migrate sideways: expected one of up, status, sql/,
    ],
    ['an unknown flag', () => command(simulation.users, '--secret-key', 'x'), /secret-key/],
    ['a run to resume that is not there', () => command(simulation.users, '--resume', '7'), /--resume 7: /],
  ])('%s', async (_, misuse, pattern) => {
    const before = await simulation.report();
    const result = await misuse();
    expectOneLine(result, 2, pattern);
    expect((await simulation.report()).calls).toBe(before.calls);
    // A directory may have been created to look for the run in it; there is no export in it.
    expect(await readdir(join(place, 'export')).catch(() => [])).toEqual([]);
  });

  test('plain http to another machine', async () => {
    const result = await runHere(
      ['run', '--users', simulation.users, '--endpoint', 'http://chat.example.com', '--sdk-app-id', '1'],
      { env: { CHAT_EXPORT_SECRET_KEY: SECRET_KEY, CHAT_EXPORT_TO: 'csv:export' }, cwd: place },
    );
    expectOneLine(result, 2, /http/);
  });

  test('a directory with other files, which stay unchanged', async () => {
    await mkdir(join(place, 'export'));
    await writeFile(join(place, 'export', 'holiday.jpg'), 'not an export');
    expectOneLine(await run({}), 2, /holds holiday\.jpg but no export of this program/);
    expect(await readdir(join(place, 'export'))).toEqual(['holiday.jpg']);
  });

  test('an unknown command and a missing one', async () => {
    expectOneLine(await runProgram(['exprot']), 2, /exprot/);
    expectOneLine(await runProgram([]), 2, /command/);
  });
});

describe('an API that refuses ends the run with 4, one line with its code, and leaves no export', () => {
  test.each<[string, Change, RegExp]>([
    ['a key of another app', { env: { CHAT_EXPORT_SECRET_KEY: 'f'.repeat(64) } }, /70009: /],
    ['an account that is no admin', { args: ['--identifier', 'nobody'] }, /60010: /],
  ])('%s', async (_, change, pattern) => {
    const { calls } = await simulation.report();
    expectOneLine(await run(change), 4, pattern, HALTED);
    // More tries with a wrong key would lock out the right one.
    expect((await simulation.report()).calls).toBe(calls + 1);
    expect((await readdir(join(place, 'export'))).filter((name) => name.endsWith('.csv'))).toEqual([]);
  });

  test("an app of another region, with the region as the message's first guess", async () => {
    const result = await runProgram(
      ['run', '--users', simulation.users, '--endpoint', simulation.url, '--sdk-app-id', '1400000001'],
      { env: { CHAT_EXPORT_SECRET_KEY: SECRET_KEY, CHAT_EXPORT_TO: 'csv:export' }, cwd: place },
    );
    expectOneLine(result, 4, /70020: .*wrong region/, HALTED);
  });

  test('an address that does not answer, after --max-outage', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const result = await runProgram(
      ['run', '--users', simulation.users, '--endpoint', `http://127.0.0.1:${port}`].concat([
        ...['--sdk-app-id', '1400000000', '--max-outage', '1s'],
      ]),
      { env: { CHAT_EXPORT_SECRET_KEY: SECRET_KEY, CHAT_EXPORT_TO: 'csv:export' }, cwd: place },
    );
    expectOneLine(result, 4, /cannot be reached.*ECONNREFUSED/, HALTED);
  });
});

describe('a destination that cannot be used', () => {
  test('a database that does not answer ends with 5', async () => {
    const change = { env: { CHAT_EXPORT_TO: 'postgres://someone:hunter2@127.0.0.1:1/nowhere' } };
    const result = await run(change);
    expectOneLine(result, 5, /127\.0\.0\.1:1.*ECONNREFUSED/);
    expect(result.stderr).not.toContain('hunter2');
  });

  test('a database that is not there ends with 5', async () => {
    const { url, drop } = await createDatabase();
    await drop();
    expectOneLine(await run({ env: { CHAT_EXPORT_TO: url } }), 5, /does not exist/);
  });

  test('a file where the directory should be ends with 5', async () => {
    await writeFile(join(place, 'export'), '');
    expectOneLine(await run({}), 5, /cannot write to .*export/);
  });

  test.runIf(canRunAsSomeone)(
    'a directory without the right to write ends with 5 (needs root, in a clone that other accounts reach)',
    async () => {
      await mkdir(join(place, 'export'));
      await chmod(join(place, 'export'), 0o555);
      const { args, env } = runAgainst(simulation, `csv:${join(place, 'export')}`);
      const result = await runProgram(args, { env, account: someone });
      expectOneLine(result, 5, /permission denied/);
    },
  );
});

test('a second run of the same app ends with 8 and names the first, in files and in PostgreSQL', async () => {
  const slow = await startSimulation({ users: 50, rate: 1_000, latency: [2_000, 2_000] });
  for (const to of [`csv:${join(place, 'export')}`, (await createDatabase()).url]) {
    const { args, env } = runAgainst(slow, to, '--concurrency', '1');
    const first = startProgram(args, { env });
    await first.waitForLine(/run 1 of job default starts/);
    const second = await runProgram(args, { env });
    expectOneLine(second, 8, new RegExp(`process ${first.pid} on .*since 20\\d\\d-`));
    first.kill('SIGKILL');
    await first.exit;
  }
});
