import { createHmac } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { exists } from '../../src/destinations/exists.ts';
import { columnNames } from '../../src/rows/table.ts';
import { allTables, conversations, exportedUsers, rowTables } from '../../src/rows/tables.ts';
import { runHere } from '../support/command-line.ts';
import {
  csvDestination,
  parquetDestination,
  postgresDestination,
  type TestDestination,
} from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { wholeDatabase, wholeDirectory } from '../support/raw-ids.ts';
import { type ComparableRows, csvRows } from '../support/rows.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

const KEY = '4f'.repeat(32);
const APP = ['--sdk-app-id', '1400000000'];
const preload = new URL('../crash/signal-at-step.js', import.meta.url).href;

const contentOf = (to: string): Promise<string> =>
  to.startsWith('csv:') ? wholeDirectory(to.slice('csv:'.length)) : wholeDatabase(to);

/** For compressed files, also the decompressed content. */
async function everythingIn({ to, rows }: TestDestination): Promise<string> {
  const directory = /^(?:csv|parquet):(.*)$/.exec(to)?.[1];
  if (directory === undefined) return await wholeDatabase(to);
  const published = await exists(join(directory, 'manifest.json'));
  const texts = published ? (await Promise.all(allTables.map(rows))).flat() : [];
  return [await wholeDirectory(directory), ...texts].join('\n');
}

async function keyFile(): Promise<string> {
  const path = join(await temporaryDirectory(), 'pseudonym-key');
  await writeFile(path, KEY, { mode: 0o600 });
  return path;
}

const pseudonym = (id: string): string =>
  createHmac('sha256', KEY).update(`user\0${id}`).digest('hex').slice(0, 32);

/** A simulation with two users to erase: one with rows, and one whom another user has as a peer. */
async function sceneOf(failing = 0.05): Promise<{
  readonly simulation: Simulation;
  readonly list: string;
  readonly victim: string;
  readonly peer: string;
  /** Users who can be exported. */
  readonly owners: ReadonlySet<string>;
}> {
  const simulation = await startSimulation({ users: 60, seed: 5, oddUserIds: 0, rate: 1_000, failing });
  const place = (name: string): number => columnNames(conversations).indexOf(name);
  const rows = (await csvRows(simulation.expectedDir, conversations)).map(
    (row) => JSON.parse(row) as string[],
  );
  const owners = [...new Set(rows.map((row) => row[place('user_id')] ?? ''))];
  const victim = owners[20] ?? '';
  const peer =
    rows.find((row) => row[place('conversation_type')] === 'c2c' && row[place('user_id')] !== victim)?.[
      place('peer_id')
    ] ?? '';
  // The peer is a user of the list as well, but none of the app.
  const list = join(await temporaryDirectory(), 'users.txt');
  await writeFile(list, `${peer}\n${await readFile(simulation.users, 'utf8')}`);
  return { simulation, list, victim, peer, owners: new Set(owners) };
}

/** The expected rows without the two users, under any name. */
async function expectedRows(simulation: Simulation, gone: readonly string[]): Promise<ComparableRows> {
  return (await csvRows(simulation.expectedDir, conversations)).filter(
    (row) => !gone.some((id) => row.includes(`"${id}"`)),
  );
}

const namings: readonly (readonly [string, () => Promise<string[]>, (id: string) => string])[] = [
  ['IDs', async () => [], (id) => id],
  ['pseudonyms', async () => ['--pseudonymize', await keyFile()], pseudonym],
];
const kinds: readonly (readonly [string, () => Promise<TestDestination>])[] = [
  ['csv', csvDestination],
  ['postgres', () => postgresDestination()],
];
const compressed: typeof kinds = [
  ['parquet', parquetDestination],
  ['csv, by gzip', csvDestination],
];
const cases = [...kinds, ...compressed].flatMap((kind) =>
  namings.map((naming) => [...kind, ...naming] as const),
);

describe.each(cases)('erase, of %s', (kind, destinationOf, naming, namingOptions, nameOf) => {
  const isOfFiles = kind !== 'postgres';
  const asKind = kind === 'csv, by gzip' ? ['--compress', 'gzip'] : [];
  test(`removes every trace of a user under ${naming}, and later runs leave the user out`, async () => {
    const { simulation, list, victim, peer } = await sceneOf();
    const destination = await destinationOf();
    const { to } = destination;
    const options = await namingOptions();
    const more = [
      ...options,
      '--max-attempts',
      '2',
      '--json',
      ...asKind,
      ...(isOfFiles ? [] : ['--history']),
    ];
    const { args, env } = runAgainst({ ...simulation, users: list }, to, ...more);
    const run = () => runHere(args, { env });
    const erase = (user: string, ...flags: string[]) =>
      runHere(['erase', user, '--to', to, ...APP, ...options, ...flags], {});
    expect(await run()).toMatchObject({ code: 3 });
    const before = await everythingIn(destination);
    expect(before).toContain(nameOf(victim));
    expect(before).toContain(nameOf(peer));

    const counted = await erase(victim, '--dry-run', '--json');
    expect(await everythingIn(destination)).toBe(before);
    const first = await erase(victim, '--json');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toEqual({ ...JSON.parse(counted.stdout), dry_run: false });
    expect(JSON.parse(first.stdout)).toMatchObject({ removed: { exported_users: 1, unexported_users: 0 } });
    const second = await erase(peer, '--as-peer');
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toMatch(/conversations +\| +0 \| +[1-9]/);
    expect(second.stdout).toMatch(/unexported_users +\| +1 \|/);

    const gone = [victim, peer];
    const expectNoTrace = async (): Promise<void> => {
      const left = await everythingIn(destination);
      for (const id of gone) {
        expect(left).not.toContain(id);
        expect(left).not.toContain(nameOf(id));
      }
      expect(await destination.rows(conversations)).toHaveLength(
        (await expectedRows(simulation, gone)).length,
      );
    };
    await expectNoTrace();
    expect(await runHere(['verify'], { env: { CHAT_EXPORT_TO: to } })).toMatchObject({ code: 0 });
    const [rowsBefore] = [await Promise.all([...rowTables, exportedUsers].map(destination.rows))];

    const next = JSON.parse((await run()).stdout) as Record<string, unknown>;
    expect(next).toMatchObject({ users: 59, users_suppressed: 2, lines: 61 });
    if (!isOfFiles) {
      expect(next).toMatchObject({ counts: { rows_written: 0, rows_removed: 0, emptied: 0 } });
    }
    await expectNoTrace();
    expect(await Promise.all([...rowTables, exportedUsers].map(destination.rows))).toEqual(rowsBefore);
    expect(await runHere(['verify'], { env: { CHAT_EXPORT_TO: to } })).toMatchObject({ code: 0 });
    // Again: there is nothing left to remove.
    const again = JSON.parse((await erase(victim, '--json')).stdout) as { removed: Record<string, number> };
    expect(Object.values(again.removed).every((rows) => rows === 0)).toBe(true);
    // A user who comes back is as before.
    expect(await erase(victim, '--unsuppress', '--json')).toMatchObject({
      code: 0,
      stdout: `${JSON.stringify({ destination: JSON.parse(first.stdout).destination, unsuppressed: true })}\n`,
    });
    expect(await erase(victim, '--unsuppress')).toMatchObject({
      stdout: expect.stringMatching(/was not suppressed/),
    });
    expect(await erase(victim, '--unsuppress', '--as-peer')).toMatchObject({ code: 2 });
    expect(JSON.parse((await run()).stdout)).toMatchObject({ users: 60, users_suppressed: 1 });
    expect(await everythingIn(destination)).toContain(nameOf(victim));
  });

  test(`takes a user out of an unfinished run under ${naming}`, async () => {
    const { simulation, list, peer, owners } = await sceneOf(0);
    const destination = await destinationOf();
    const { to } = destination;
    const options = await namingOptions();
    const { args, env } = runAgainst(
      { ...simulation, users: list },
      to,
      ...[...options, ...asKind],
      '--chunk-size',
      '10',
      '--max-attempts',
      '2',
      '--json',
    );
    const lines = (await readFile(list, 'utf8')).trimEnd().split('\n');
    const run = startProgram([...args, '--rate', '40'], { env });
    await run.waitForLine(/chunk 1 is committed/);
    run.kill('SIGKILL');
    await run.exit;
    // Two who are processed, one who is still open, and one in a chunk of its own, which may be processed or not.
    const done = lines.slice(1, 10).find((id) => owners.has(id)) ?? '';
    const gone = [done, peer, lines[55] ?? '', lines[60] ?? ''];
    const plans: unknown[] = [];
    for (const user of gone) {
      const erased = await runHere(
        ['erase', user, '--to', to, ...APP, ...options, '--as-peer', '--json'],
        {},
      );
      expect(erased).toMatchObject({ code: 0, stderr: '' });
      plans.push(JSON.parse(erased.stdout));
    }
    expect(plans[0]).toMatchObject({ plans: 1, abandoned_run: isOfFiles ? 1 : null });
    const left = await everythingIn(destination);
    for (const id of gone) expect(left).not.toContain(nameOf(id));
    const { stdout, stderr } = await runHere(args, { env });
    expect(stderr).toMatch(isOfFiles ? /this job has no earlier run here/ : /run 1 of job default resumes/);
    const finished = JSON.parse(stdout) as { users: number; users_suppressed: number };
    expect(finished).toMatchObject({ outcome: 'finished', lines: 61 });
    // A user who was processed before the erasure stays in the counts of a resumed plan.
    expect(finished.users + finished.users_suppressed).toBe(61);
    if (isOfFiles) expect(finished.users_suppressed).toBe(4);
    else expect([1, 2]).toContain(finished.users_suppressed);
    const after = await everythingIn(destination);
    for (const id of gone) expect(after).not.toContain(nameOf(id));
    expect(await destination.rows(conversations)).toHaveLength((await expectedRows(simulation, gone)).length);
    expect(await runHere(['verify'], { env: { CHAT_EXPORT_TO: to } })).toMatchObject({ code: 0 });
  });
});

test('erase --dry-run does not bring a schema up to date', async () => {
  const simulation = await startSimulation({ users: 10, rate: 1_000, oddUserIds: 0 });
  const { to } = await postgresDestination();
  const { args, env } = runAgainst(simulation, to);
  expect(await runHere(args, { env })).toMatchObject({ code: 0 });
  const client = new pg.Client(to);
  await client.connect();
  await client.query('delete from chat_export.schema_migrations');
  await client.end();
  const before = await contentOf(to);
  expect(await runHere(['erase', 'user0000003', '--to', to, ...APP, '--dry-run'], {})).toMatchObject({
    code: 5,
    stdout: '',
    stderr: expect.stringMatching(
      /has pending migrations \(0001_schema\); ask a role that may create tables to run chat-export migrate up/,
    ),
  });
  expect(await contentOf(to)).toBe(before);
});

describe.each(kinds)('erase, of %s', (kind, destinationOf) => {
  test('ends with 8 while a run is at work, and takes the ID from standard input', async () => {
    const { simulation, victim } = await sceneOf();
    const { to } = await destinationOf();
    const { args, env } = runAgainst(simulation, to, '--rate', '20');
    const run = startProgram(args, { env });
    await run.waitForLine(/run 1 of job default starts/);
    const erase = () => runProgram(['erase', '-', '--to', to, ...APP], { input: `${victim}\n` });
    expect(await erase()).toMatchObject({ code: 8, stderr: expect.stringMatching(/is at work/) });
    run.kill('SIGKILL');
    await run.exit;
    expect(await erase()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^The user is erased/),
    });
  });

  test('refuses to look for an ID among pseudonyms, and for a pseudonym among IDs', async () => {
    const simulation = await startSimulation({ users: 10, rate: 1_000, oddUserIds: 0 });
    const clear = await destinationOf();
    const hidden = await destinationOf();
    const key = await keyFile();
    for (const [{ to }, more] of [
      [clear, []],
      [hidden, ['--pseudonymize', key]],
    ] as const) {
      const { args, env } = runAgainst(simulation, to, ...more);
      expect(await runHere(args, { env })).toMatchObject({ code: 0 });
    }
    const erase = (to: string, ...more: string[]) =>
      runHere(['erase', 'user0000003', '--to', to, ...APP, ...more], {});
    expect(await erase(hidden.to)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/rows hold pseudonyms; name their key with --pseudonymize/),
    });
    expect(await erase(clear.to, '--pseudonymize', key)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/rows hold user IDs as they are; leave --pseudonymize out/),
    });
    expect(kind).toMatch(/csv|postgres/);
  });

  test('refuses to look in a plan that holds other names, though nothing was committed yet', async () => {
    const { simulation, victim } = await sceneOf();
    const { to } = await destinationOf();
    const { args, env } = runAgainst(simulation, to, '--rate', '1', '--pseudonymize', await keyFile());
    const run = startProgram(args, { env });
    await run.waitForLine(/run 1 of job default starts/);
    run.kill('SIGKILL');
    await run.exit;
    expect(await runHere(['erase', victim, '--to', to, ...APP], {})).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/name their key with --pseudonymize/),
    });
  });

  test('refuses a place that holds no export of the app, and makes nothing there', async () => {
    const { to } = await destinationOf();
    const typo = to.startsWith('csv:') ? `${to}-mistyped` : to;
    for (const more of [[], ['--dry-run'], ['--unsuppress']]) {
      const args = ['erase', 'alice', '--to', typo, ...APP, ...more];
      expect(await runHere(args, {})).toMatchObject({ code: 2, stdout: '' });
    }
    if (typo.startsWith('csv:')) expect(await exists(typo.slice('csv:'.length))).toBe(false);
    else expect(await wholeDatabase(to)).toBe('');
    const simulation = await startSimulation({ users: 10, rate: 1_000, oddUserIds: 0 });
    const { args, env } = runAgainst(simulation, to);
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
    const before = await contentOf(to);
    expect(await runHere(['erase', 'user0000003', '--to', to, '--sdk-app-id', '7'], {})).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /holds no run of app 7, so there is no user to erase|holds an export of app 1400000000 .*compare --sdk-app-id/,
      ),
    });
    expect(await contentOf(to)).toBe(before);
  });

  test('holds for later runs of the same names alone: others are refused though no row is left', async () => {
    const simulation = await startSimulation({ users: 10, rate: 1_000, oddUserIds: 0 });
    const { to } = await destinationOf();
    const list = join(await temporaryDirectory(), 'users.txt');
    await writeFile(list, 'user0000003\n');
    const run = (...more: string[]) => {
      const { args, env } = runAgainst({ ...simulation, users: list }, to, ...more);
      return runHere(args, { env });
    };
    expect(await run()).toMatchObject({ code: 0 });
    expect(await runHere(['erase', 'user0000003', '--to', to, ...APP], {})).toMatchObject({ code: 0 });
    await writeFile(list, 'user0000003\nuser0000004\n');
    const key = await keyFile();
    expect(await run('--pseudonymize', key)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/user IDs as they are|IDs in the clear|hold IDs/i),
    });
    expect(await run('--json')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/"users_suppressed":1/),
    });
  });

  test('leaves no user of a list of suppressed users to a run, which says so', async () => {
    const { simulation, victim } = await sceneOf();
    const { to } = await destinationOf();
    const all = runAgainst(simulation, to);
    expect(await runHere(all.args, { env: all.env })).toMatchObject({ code: 3 });
    expect(await runHere(['erase', victim, '--to', to, ...APP], {})).toMatchObject({ code: 0, stderr: '' });
    const list = join(await temporaryDirectory(), 'users.txt');
    await writeFile(list, `${victim}\n`);
    const { args, env } = runAgainst({ ...simulation, users: list }, to);
    expect(await runHere(args, { env })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/holds only users who are suppressed here/),
    });
  });
});

test.each(['file-placed#1', 'file-placed#4', 'finished'])(
  'a directory of files is whole after the next attempt when it was killed at %s while a user was erased',
  async (step) => {
    const { simulation, victim } = await sceneOf();
    const destination = await csvDestination();
    const { to } = destination;
    const { args, env } = runAgainst(simulation, to, '--max-attempts', '2', '--json');
    expect(await runHere(args, { env })).toMatchObject({ code: 3 });
    const killed = { NODE_OPTIONS: `--import=${preload}`, AT_STEP: step };
    const erase = ['erase', victim, '--to', to, ...APP];
    const { signal } = await runProgram(erase, { env: killed });
    expect(signal).toBe('SIGKILL');
    expect(JSON.parse((await runHere(args, { env })).stdout)).toMatchObject({ outcome: 'finished' });
    expect(await everythingIn(destination)).not.toContain(victim);
    expect(await runHere(['verify'], { env: { CHAT_EXPORT_TO: to } })).toMatchObject({ code: 0 });
    expect(await destination.rows(conversations)).toHaveLength(
      (await expectedRows(simulation, [victim])).length,
    );
  },
);
