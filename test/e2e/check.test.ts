import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runHere } from '../support/command-line.ts';
import { createDatabase } from '../support/database.ts';
import { csvDestination, embeddedDestination, postgresDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

type Found = { readonly state: string; readonly message: string; readonly hint: string | null };
type Cost = {
  readonly calls: number;
  readonly users: number;
  readonly from: string | null;
  readonly bytes: number;
  readonly bytes_from: string;
};
type Checked = {
  readonly code: number | null;
  readonly findings: Readonly<Record<string, Found>>;
  readonly cost: Cost | null;
};

let simulation: Simulation;
let place: string;
beforeAll(async () => {
  simulation = await startSimulation({ users: 100, seed: 5, oddUserIds: 0, rate: 1_000 });
});
beforeEach(async () => {
  place = await temporaryDirectory();
});

type Change = {
  readonly env?: Readonly<Record<string, string>>;
  readonly against?: Simulation;
  readonly rate?: number;
};

async function check(
  to: string,
  more: string[] = [],
  { env, against = simulation, rate = 500 }: Change = {},
): Promise<Checked> {
  const command = runAgainst(against, to, '--rate', String(rate), ...more);
  const args = ['check', ...command.args.slice(1), '--json'];
  const { code, stdout, stderr } = await runHere(args, { env: { ...command.env, ...env }, cwd: place });
  expect(stderr).toBe('');
  const reported = JSON.parse(stdout) as { findings: (Found & { subject: string })[]; cost: Checked['cost'] };
  for (const { state, hint } of reported.findings) if (state === 'fail') expect(hint).toMatch(/\w/);
  return {
    code,
    findings: Object.fromEntries(reported.findings.map(({ subject, ...found }) => [subject, found])),
    cost: reported.cost,
  };
}

const states = ({ findings }: Checked): Record<string, string> =>
  Object.fromEntries(Object.entries(findings).map(([subject, { state }]) => [subject, state]));

describe('a check of a job that is right', () => {
  test('passes everything for a new directory, shows the cost, and creates nothing', async () => {
    const checked = await check(`csv:${join(place, 'new', 'export')}`);
    expect(checked.code).toBe(0);
    expect(new Set(Object.values(states(checked)))).toEqual(new Set(['pass']));
    expect(Object.keys(checked.findings)).toEqual([
      'list',
      'directory',
      'lock',
      'run',
      'api',
      'region',
      'key',
      'admin',
      'app',
      'clock',
      'users',
      'disk',
    ]);
    expect(checked.cost).toMatchObject({ users: 100, from: 'the sample' });
    expect(checked.cost?.calls).toBeGreaterThanOrEqual(100);
    expect(await readdir(place)).toEqual([]);
  });

  test('passes everything for an empty database, and makes no schema', async () => {
    const { url } = await createDatabase();
    const checked = await check(url);
    expect(checked).toMatchObject({
      code: 0,
      findings: { database: { state: 'pass' }, lock: { state: 'pass' } },
    });
    expect(checked.findings.schema?.message).toMatch(/has no tables of this program yet; a run migrates it/);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    expect((await client.query("select to_regnamespace('chat_export') as schema")).rows).toEqual([
      { schema: null },
    ]);
    await client.end();
  });

  test('passes everything for a new embedded database, and makes none', async () => {
    const checked = await check(`embedded:${join(place, 'pg')}`);
    expect(checked).toMatchObject({ code: 0, findings: { directory: { state: 'pass' } } });
    expect(await readdir(place)).toEqual([]);
  });

  test.each([
    ['csv', csvDestination],
    ['postgres', () => postgresDestination()],
    ['embedded', () => embeddedDestination()],
  ])('reckons by the last run to %s what the next will cost', async (_, destinationOf) => {
    const { to } = await destinationOf();
    const { args, env } = runAgainst(simulation, to, '--rate', '900', '--json');
    const run = await runHere(args, { env });
    const { counts } = JSON.parse(run.stdout) as { counts: { calls: number } };
    expect((await check(to)).cost).toMatchObject({ calls: counts.calls, from: 'the last run' });
    expect((await check(to, ['--limit', '10'])).cost).toMatchObject({ users: 10 });
  });

  test('says for people what it found, and when a run would end', async () => {
    const { args, env } = runAgainst(simulation, 'csv:export');
    const { code, stdout } = await runHere(['check', ...args.slice(1)], { env, cwd: place });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ list +100 users in /);
    expect(stdout).toMatch(
      /\nA run would make about \d+ calls for 100 users .* it would end at 20\d\d-.*Z\n$/,
    );
  });
});

describe('a check that finds something wrong names it, and the code that a run would end with:', () => {
  test('the region', async () => {
    const command = runAgainst(simulation, 'csv:export');
    const args = command.args.map((arg) => (arg === '1400000000' ? '1400000001' : arg));
    const { code, stdout } = await runHere(['check', ...args.slice(1)], { env: command.env, cwd: place });
    expect(code).toBe(4);
    expect(stdout).toMatch(/\n✗ region +70020: .*wrong region.*\n +→ .*--region\n/);
  });

  test('the key', async () => {
    const checked = await check('csv:export', [], { env: { CHAT_EXPORT_SECRET_KEY: 'f'.repeat(64) } });
    expect(checked).toMatchObject({
      code: 4,
      findings: { key: { state: 'fail' }, admin: { state: 'unknown' } },
    });
    expect(checked.findings.key?.message).toMatch(/^70009: /);
  });

  test('the admin', async () => {
    const checked = await check('csv:export', ['--identifier', 'nobody']);
    expect(checked).toMatchObject({ code: 4, findings: { admin: { state: 'fail' } } });
    expect(checked.findings.admin?.hint).toMatch(/^name an admin account of the app with --identifier; /);
  });

  test('the clock, of which a run would only warn', async () => {
    const ahead = await startSimulation({ users: 3, rate: 1_000, clockOffset: 300 });
    const checked = await check('csv:export', [], { against: ahead });
    expect(checked).toMatchObject({ code: 0, findings: { clock: { state: 'warn' } } });
    expect(checked.findings.clock?.message).toMatch(/5 min behind the API's/);
  });

  test('an API that does not answer', async () => {
    const down = await startSimulation({ users: 1, faults: { down: 1 } });
    const checked = await check('csv:export', [], { against: down });
    expect(checked).toMatchObject({
      code: 4,
      findings: {
        api: { state: 'fail' },
        key: { state: 'unknown' },
        clock: { state: 'unknown', message: 'unknown: the API did not answer' },
        disk: {
          state: 'unknown',
          message: 'the size of the rows is unknown: no user was pulled, and there is no earlier run',
        },
      },
    });
    expect(checked.findings).not.toHaveProperty('users');
  });

  test('failed users of a missing run: the plan of the next attempt is not shown', async () => {
    const { url } = await createDatabase();
    const { args, env } = runAgainst(simulation, url, '--retry-failed', '7', '--json');
    const own = args.toSpliced(args.indexOf('--users'), 2);
    const { code, stdout } = await runHere(['check', ...own.slice(1)], { env, cwd: place });
    expect(code).toBe(2);
    const { findings } = JSON.parse(stdout) as { findings: (Found & { subject: string })[] };
    expect(findings.find(({ subject }) => subject === 'run')).toMatchObject({
      state: 'unknown',
      message: 'unknown: the failed users cannot be read',
    });
  });

  test('the list', async () => {
    await writeFile(join(place, 'users.txt'), `u1\n${'x'.repeat(40)}\n`);
    const { args, env } = runAgainst(simulation, 'csv:export');
    const own = args.map((arg) => (arg === simulation.users ? 'users.txt' : arg));
    const { code, stdout } = await runHere(['check', ...own.slice(1)], { env, cwd: place });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^✗ list +.*users\.txt:2: a user ID has at most 32 bytes/);
    expect(stdout).toMatch(/\n✓ key /);
  });

  test.each([
    ['a URL that nothing can be created of', 'postgres://h/db?sslmode=foo', 2, /sslmode/],
    ['one where nobody answers', 'postgres://127.0.0.1:1/db', 5, /ECONNREFUSED/],
  ])('the database of the list: %s', async (_, database, code, says) => {
    const { args, env } = runAgainst(simulation, 'csv:export', '--json');
    const at = args.indexOf('--users');
    const own = args.toSpliced(at, 2, '--users-sql', 'select 1', '--users-db', database);
    const { stdout, ...ended } = await runHere(['check', ...own.slice(1)], { env, cwd: place });
    expect(ended).toMatchObject({ code, stderr: '' });
    const { findings } = JSON.parse(stdout) as { findings: (Found & { subject: string })[] };
    expect(findings.find(({ subject }) => subject === 'list')).toMatchObject({
      state: 'fail',
      message: expect.stringMatching(says),
      hint: expect.stringMatching(/--users-db/),
    });
    expect(findings.find(({ subject }) => subject === 'key')).toMatchObject({ state: 'pass' });
  });

  test('users who fail in a way that more attempts would not change', async () => {
    const script = [{ fault: '50002' as const, user: 'user0000002', times: 1_000_000 }];
    const failing = await startSimulation({ users: 3, rate: 1_000, oddUserIds: 0, script });
    const checked = await check('csv:export', [], { against: failing });
    expect(checked).toMatchObject({ code: 3, findings: { users: { state: 'fail' } } });
    expect(checked.findings.users?.message).toMatch(
      /2 exported, 1 failed; user user0000002: api_error 50002 \(a parameter of the request is wrong\): /,
    );
    const { args, env } = runAgainst(failing, 'csv:export', '--rate', '500');
    expect(await runHere(args, { env, cwd: place })).toMatchObject({ code: 3 });
  });

  test('a user who failed for a transient reason, with whom a run has more patience', async () => {
    const script = [{ fault: 'http502' as const, user: 'user0000002', times: 4 }];
    const passing = await startSimulation({ users: 3, rate: 1_000, oddUserIds: 0, script });
    const checked = await check('csv:export', [], { against: passing });
    expect(checked).toMatchObject({ code: 0, findings: { users: { state: 'warn' } } });
    expect(checked.findings.users?.message).toMatch(
      /2 exported, 1 failed; user user0000002: transient_error/,
    );
  });

  test('an API that refuses from the second call on', async () => {
    const script = [{ fault: '70003' as const, calls: [2, 1_000_000] as [number, number] }];
    const refusing = await startSimulation({ users: 3, rate: 1_000, script });
    const checked = await check('csv:export', [], { against: refusing });
    expect(checked).toMatchObject({
      code: 4,
      findings: { key: { state: 'pass' }, clock: { state: 'pass' }, users: { state: 'fail' } },
    });
    expect(checked.findings.users?.message).toMatch(/^.*\b70003: /);
  });

  test('a lock that no run of this program left', async () => {
    await mkdir(join(place, 'export'));
    await writeFile(join(place, 'export', '.lock'), 'mine');
    const checked = await check('csv:export');
    expect(checked).toMatchObject({ code: 8, findings: { lock: { state: 'fail' } } });
    expect(checked.findings.lock?.message).toMatch(/\.lock is not a lock of this program; remove it/);
  });

  test('the first that a run would meet, when there are several', async () => {
    const down = await startSimulation({ users: 1, faults: { down: 1 } });
    const nowhere = 'postgres://127.0.0.1:1/nowhere';
    const checked = await check(nowhere, [], { against: down });
    expect(checked).toMatchObject({
      code: 5,
      findings: { api: { state: 'fail' }, database: { state: 'fail' } },
    });
    const { args, env } = runAgainst(down, nowhere);
    expect(await runHere(args, { env })).toMatchObject({ code: 5 });
  });

  test('an empty standard input, when a run would start', async () => {
    const { args, env } = runAgainst(simulation, 'csv:export');
    const own = args.toSpliced(args.indexOf('--users'), 2, '--users', '-');
    const { code, stdout } = await runProgram(['check', ...own.slice(1)], { env, cwd: place });
    expect(code).toBe(2);
    expect(stdout).toMatch(/\n✓ run [^\n]*\n✗ list +standard input holds no user ID\n/);
  });

  test('the list of another app', async () => {
    const other = await startSimulation({ users: 30, notImported: 1 });
    const checked = await check('csv:export', [], { against: other });
    expect(checked).toMatchObject({ code: 2, findings: { users: { state: 'fail' } } });
    expect(checked.findings.users?.message).toMatch(/0 exported, 20 not in the app/);
  });

  test('a directory that holds something else', async () => {
    await mkdir(join(place, 'export'));
    await writeFile(join(place, 'export', 'holiday.jpg'), '');
    const checked = await check('csv:export');
    expect(checked).toMatchObject({
      code: 2,
      findings: { content: { state: 'fail' }, run: { state: 'unknown' } },
    });
    expect(await readdir(join(place, 'export'))).toEqual(['holiday.jpg']);
  });

  test('a database that does not answer, without its password', async () => {
    const { code, findings } = await check('postgres://someone:hunter2@127.0.0.1:1/nowhere');
    expect({ code, database: findings.database?.state }).toEqual({ code: 5, database: 'fail' });
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });

  test('a database in another encoding', async () => {
    const { url } = await createDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const name = `latin_${process.pid}`;
    await client.query(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
    const other = new URL(url);
    other.pathname = `/${name}`;
    const checked = await check(other.href);
    await client.query(`drop database ${name}`);
    await client.end();
    expect(checked).toMatchObject({ code: 2, findings: { database: { state: 'fail' } } });
    expect(checked.findings.database?.message).toMatch(/encoding LATIN1/);
  });

  test('each right that the role lacks, as the SQL that grants it', async () => {
    const { url } = await createDatabase();
    await runHere(['migrate', 'up'], { env: { CHAT_EXPORT_TO: url } });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const role = `reader_${process.pid}`;
    await client.query(`create role ${role} login; grant usage on schema chat_export to ${role}`);
    await client.query(`grant select on all tables in schema chat_export to ${role}`);
    const own = new URL(url);
    own.searchParams.set('user', role);
    const checked = await check(own.href, ['--no-migrate']);
    await client.query(`drop owned by ${role}; drop role ${role}`);
    await client.end();
    expect(checked).toMatchObject({ code: 5, findings: { rights: { state: 'fail' } } });
    expect(checked.findings.rights?.hint).toContain(
      `grant insert, update, delete on chat_export.conversations to ${role}`,
    );
  });

  test('a schema that a run may not bring up to date', async () => {
    const { url } = await createDatabase();
    const checked = await check(url, ['--no-migrate']);
    expect(checked).toMatchObject({ code: 5, findings: { schema: { state: 'fail' } } });
    expect(checked.findings.schema?.hint).toMatch(/chat-export migrate up/);
  });

  test.each([
    ['csv', csvDestination],
    ['postgres', () => postgresDestination()],
  ])('a run at work in %s, which is not disturbed', async (_, destinationOf) => {
    const slow = { faults: { stall: 1 }, stallMs: 3_000, conversations: 1 };
    const stalling = await startSimulation({ users: 5, rate: 1_000, ...slow });
    const { to } = await destinationOf();
    const { args, env } = runAgainst(stalling, to, '--timeout', '20s');
    const run = startProgram(args, { env });
    await run.waitForLine(/run 1 of job default starts/);
    const before = (await simulation.report()).calls;
    const checked = await check(to);
    expect(checked).toMatchObject({
      code: 8,
      findings: { lock: { state: 'fail' }, api: { state: 'unknown' } },
    });
    expect(checked.findings.lock?.message).toContain(`process ${run.pid} on `);
    expect(checked.findings.api?.message).toMatch(/^no call made: the run at work needs the quota/);
    expect((await simulation.report()).calls).toBe(before);
    expect(await run.exit).toMatchObject({ code: 0 });
  });
});

describe.each([
  ['csv', csvDestination],
  ['postgres', () => postgresDestination()],
])('a check before an attempt that resumes a run to %s', (_, destinationOf) => {
  let app: Simulation;
  let to: string;
  let left: number;
  beforeAll(async () => {
    // No user is answered after these, so that most of the plan is left.
    const script = [{ fault: 'stall' as const, calls: [30, 1_000_000] as [number, number] }];
    app = await startSimulation({ users: 100, conversations: 1, rate: 1_000, oddUserIds: 0, script });
    ({ to } = await destinationOf());
    const { args, env } = runAgainst(app, to, '--chunk-size', '5', '--rate', '500');
    const run = startProgram(args, { env });
    await run.waitForLine(/chunk 1 is committed/);
    run.kill('SIGKILL');
    await run.exit;
    await app.change({ script: [] });
    const listed = await runHere(['runs', '--json'], { env: { CHAT_EXPORT_TO: to } });
    const [{ users_done } = { users_done: 0 }] = JSON.parse(listed.stdout) as { users_done: number }[];
    left = 100 - users_done;
  });

  test('estimates the cost for the users that the unfinished run has left, whatever --limit says', async () => {
    const checked = await check(to, ['--limit', '3'], { against: app });
    expect(checked.findings.run?.message).toContain(`resume run 1, which has ${left} users left`);
    expect(checked.cost).toMatchObject({ users: left, from: 'the last run' });
    expect((await check(to, ['--limit', '3', '--fresh'], { against: app })).cost).toMatchObject({ users: 3 });
  });

  test('says that a list which has changed counts from the next run on', async () => {
    const other = await startSimulation({ users: 5 });
    const checked = await check(to, [], { against: { ...app, users: other.users } });
    expect(checked.findings.run).toMatchObject({
      state: 'warn',
      message: expect.stringMatching(/the user list has changed since, and that run keeps its plan$/),
      hint: expect.stringContaining('--fresh'),
    });
  });

  test('needs no list on standard input', async () => {
    const { args, env } = runAgainst(app, to);
    const own = args.toSpliced(args.indexOf('--users'), 2, '--users', '-');
    const { code, stdout } = await runProgram(['check', ...own.slice(1)], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n✓ list +standard input is empty: the run to resume has its plan\n/);
  });

  test('says of --resume whether it can be done', async () => {
    // When an attempt by itself would not resume the run any more.
    const stale = ['--resume-within', '0s'];
    expect((await check(to, stale, { against: app })).findings.run?.message).toMatch(/would start a new run/);
    const can = await check(to, [...stale, '--resume', '1'], { against: app });
    expect(can).toMatchObject({ code: 0, cost: { users: left } });
    expect(can.findings.run?.message).toMatch(/would resume run 1, which has \d+ users left: --resume 1$/);
    const cannot = await check(to, ['--resume', '7'], { against: app });
    expect(cannot).toMatchObject({ code: 2, findings: { run: { state: 'fail' } } });
    expect(cannot.findings.run?.message).toMatch(/^--resume 7: the destination has no such run of this app$/);
  });
});

describe('a check keeps the quota', () => {
  test('of a run at work, which alone uses it', async () => {
    const busy = await startSimulation({
      ...{ users: 100, rate: 100, oddUserIds: 0 },
      // Without an answer for this one, the run stays at work until the check has ended.
      script: [{ fault: 'stall', user: 'user0000050', times: 1_000_000 }],
    });
    const { to } = await postgresDestination();
    // The margin: the run alone must not pass the quota, however busy this machine is.
    const pace = ['--rate', '100', '--rate-margin', '200', '--timeout', '5s'];
    const { args, env } = runAgainst(busy, to, ...pace, '--json');
    const run = startProgram(args, { env });
    await run.waitForLine(/run 1 of job default starts/);
    expect(await check(to, [], { against: busy })).toMatchObject({ code: 8 });
    await busy.change({ script: [] });
    const { code, stdout } = await run.exit;
    expect(code).toBe(0);
    const { calls } = (JSON.parse(stdout) as { counts: { calls: number } }).counts;
    expect(await busy.report()).toMatchObject({ calls, overQuota: 0 });
  });

  test('with all of its calls, the first one included', async () => {
    const narrow = await startSimulation({ users: 2, rate: 1, conversations: 1, oddUserIds: 0 });
    const wide = ['--rate-margin', '200'];
    expect(await check('csv:export', wide, { against: narrow, rate: 1 })).toMatchObject({ code: 0 });
    expect(await narrow.report()).toMatchObject({ calls: 3, overQuota: 0 });
  });
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a check that %s interrupts ends with %i, and without a result', async (signal, code) => {
  const stalling = await startSimulation({ users: 30, script: [{ fault: 'stall', calls: [4, 1_000] }] });
  const { args, env } = runAgainst(stalling, 'csv:export');
  const started = startProgram(['check', ...args.slice(1)], { env, cwd: place });
  await expect.poll(async () => (await stalling.report()).calls, { timeout: 60_000 }).toBeGreaterThan(3);
  started.kill(signal);
  expect(await started.exit).toEqual({ code, signal: null, stdout: '', stderr: '' });
});

test('a check reckons with the bytes of the form that the files will have, and with CSV beside Parquet', async () => {
  const small = await startSimulation({ users: 20, oddUserIds: 0, rate: 1_000 });
  const costOf = async (to: string, ...more: string[]): Promise<Cost> => {
    const { cost } = await check(to, more, { against: small });
    if (cost === null) throw new Error('no cost was told');
    return cost;
  };
  const packed = ['--compress', 'gzip'];
  const { args, env } = runAgainst(small, `csv:${join(place, 'packed')}`, ...packed);
  expect(await runHere(args, { env })).toMatchObject({ code: 0 });
  const asBefore = await costOf('csv:packed', ...packed);
  const plain = await costOf('csv:packed');
  const parquet = await costOf('parquet:new');
  expect([asBefore.bytes_from, plain.bytes_from]).toEqual(['measured', 'assumed']);
  expect(plain.bytes).toBeGreaterThan(asBefore.bytes);
  expect(parquet.bytes).toBeGreaterThan(plain.bytes);
});

test('a check writes nothing when the job itself is wrong, and makes no call', async () => {
  const before = (await simulation.report()).calls;
  const { args, env } = runAgainst(simulation, 'csv:export', '--rate', 'fast');
  const { code, stdout, stderr } = await runHere(['check', ...args.slice(1)], { env, cwd: place });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^chat-export: --rate fast: expected a number[^\n]*\n$/);
  expect((await simulation.report()).calls).toBe(before);
  await expect(access(join(place, 'export'))).rejects.toThrow('ENOENT');
});

test('a check of a job that prunes sees another job of its app in the schema, as a run does', async () => {
  const { to } = await postgresDestination();
  const earlier = runAgainst(simulation, to, '--rate', '1000', '--quiet', '--name', "n'1; x");
  expect(await runHere(earlier.args, { env: earlier.env })).toMatchObject({ code: 0 });
  const checked = await check(to, ['--prune', '--name', 'n2']);
  expect(checked).toMatchObject({ code: 2, findings: { prune: { state: 'fail' } } });
  const { message, hint } = checked.findings.prune ?? {};
  expect(message).toMatch(/^--prune: the job "n'1; x" has exported this app/);
  const run = runAgainst(simulation, to, '--quiet', '--prune', '--name', 'n2');
  expect(await runHere(run.args, { env: run.env })).toMatchObject({
    code: 2,
    stderr: `chat-export: ${message}; ${hint}\n`,
  });
  // The hint works.
  const client = new pg.Client({ connectionString: to });
  await client.connect();
  await client.query(hint?.slice(hint.indexOf('delete from')) ?? '').finally(() => client.end());
  expect((await check(to, ['--prune', '--name', 'n2'])).findings).not.toHaveProperty('prune');
});

test('a check of a file in place of a directory ends as a run would', async () => {
  const file = join(place, 'file');
  await writeFile(file, '');
  const checked = await check(`csv:${file}`);
  expect(checked).toMatchObject({ code: 5, findings: { directory: { state: 'fail' } } });
});

test('each bad line of a list is a line of its own in what check shows', async () => {
  const users = join(place, 'users.txt');
  await writeFile(users, `alice\n${Array.from({ length: 12 }, (_, i) => `bob ${i}\t\n`).join('')}`);
  const { args, env } = runAgainst(simulation, `csv:${join(place, 'export')}`);
  const given = ['check', ...args.slice(1).map((arg) => (arg === simulation.users ? users : arg))];
  const refused = await runHere(given, { env, cwd: place });
  expect(refused.code).toBe(2);
  const lines = refused.stdout.split('\n');
  const first = lines.findIndex((line) => line.startsWith('✗ list'));
  expect(lines.slice(first, first + 12)).toEqual([
    expect.stringContaining(`${users}:2: `),
    ...Array.from({ length: 9 }, (_, i) => expect.stringMatching(new RegExp(`^ {12}${users}:${i + 3}: `))),
    `            ${users}: and 2 more invalid lines`,
    expect.stringMatching(/^ {12}→ fix the list, or name another one/),
  ]);
  const passed = await runHere([...given, '--max-bad-lines', '12'], { env, cwd: place });
  expect(passed.stdout).toMatch(/^! list {6}1 users, 12 invalid lines in .*:\n {12}\S/m);
});
