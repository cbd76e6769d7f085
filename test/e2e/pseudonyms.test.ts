import { createHmac } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { columnNames, type Table } from '../../src/rows/table.ts';
import { contactGroups, conversations, exportedUsers, rowTables } from '../../src/rows/tables.ts';
import { runHere } from '../support/command-line.ts';
import { csvDestination, postgresDestination, type TestDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { RawIds, wholeDatabase, wholeDirectory } from '../support/raw-ids.ts';
import { type ComparableRows, csvRows } from '../support/rows.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

const KEY = '4f'.repeat(32);

async function keyFile(key = KEY): Promise<string> {
  const path = join(await temporaryDirectory(), 'pseudonym-key');
  await writeFile(path, `${key}\n`, { mode: 0o600 });
  return path;
}

/** As docs/privacy.md says it. */
const pseudonym = (kind: 'user' | 'group', id: string): string =>
  createHmac('sha256', KEY).update(`${kind}\0${id}`).digest('hex').slice(0, 32);

/** A column's value as it must be written. */
function mapped(row: Readonly<Record<string, unknown>>, name: string): unknown {
  const value = row[name];
  if (typeof value !== 'string') return value;
  if (name === 'user_id') return pseudonym('user', value);
  if (name === 'conversation_id') {
    const [, type = '', id = ''] = /^(c2c|group)_(.*)$/s.exec(value) ?? [];
    return `${type}_${pseudonym(type === 'c2c' ? 'user' : 'group', id)}`;
  }
  if (name === 'peer_id') return pseudonym(row.conversation_type === 'c2c' ? 'user' : 'group', value);
  return value;
}

/** The true rows of a table, with each ID mapped by a hash that is computed here. */
async function expectedRows(
  directory: string,
  table: Table,
  change: (value: unknown, name: string) => unknown = (value) => value,
): Promise<ComparableRows> {
  const names = columnNames(table);
  return (await csvRows(directory, table))
    .map((text) => {
      const values = JSON.parse(text) as unknown[];
      const row = Object.fromEntries(names.map((name, place) => [name, values[place]]));
      return JSON.stringify(names.map((name) => change(mapped(row, name), name)));
    })
    .sort();
}

function expectSame(actual: ComparableRows, expected: ComparableRows): void {
  expect(expected.length).toBeGreaterThan(0);
  const [actualSet, expectedSet] = [new Set(actual), new Set(expected)];
  expect(expected.filter((row) => !actualSet.has(row)).slice(0, 3)).toEqual([]);
  expect(actual.filter((row, i) => !expectedSet.has(row) || row === actual[i - 1]).slice(0, 3)).toEqual([]);
}

const everythingIn = ({ to }: TestDestination): Promise<string> =>
  to.startsWith('csv:') ? wholeDirectory(to.slice('csv:'.length)) : wholeDatabase(to);

const kinds: readonly (readonly [string, () => Promise<TestDestination>])[] = [
  ['csv', csvDestination],
  ['postgres', () => postgresDestination()],
];

/** Runs with a list that a job file would name, so that --retry-failed may stand beside it. */
function listed(simulation: Simulation, to: string, ...more: readonly string[]) {
  const { args, env } = runAgainst(simulation, to, ...more);
  const [command = '', , users = '', ...others] = args;
  return { args: [command, ...others], env: { ...env, CHAT_EXPORT_USERS: users } };
}

describe.each(kinds)('a run with --pseudonymize to %s', (_, destinationOf) => {
  test('writes the true rows under pseudonyms, through a kill and a stop, and no ID anywhere at any time', async () => {
    const simulation = await startSimulation({
      users: 200,
      seed: 5,
      rate: 1_000,
      failing: 0.05,
      notImported: 0.05,
      faults: { garbage: 0.02, truncatedJson: 0.01 },
    });
    const ids = await RawIds.of(simulation.expectedDir);
    expect(ids.in(await readFile(simulation.users, 'utf8'))).not.toEqual([]);
    const destination = await destinationOf();
    const page = join(await temporaryDirectory(), 'page.html');
    const { args, env } = runAgainst(
      simulation,
      destination.to,
      ...['--pseudonymize', await keyFile(), '--chunk-size', '10', '--max-attempts', '4', '--rate', '300'],
      ...['--max-bad-lines', '1', '--json', '--report', page],
    );
    const reported: string[] = [];
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const run = startProgram(args, { env });
      await run.waitForLine(/chunk \d+ is committed/);
      run.kill(signal);
      const { stdout, stderr } = await run.exit;
      reported.push(stdout, stderr);
      const stopped = await everythingIn(destination);
      expect(stopped).toMatch(/[0-9a-f]{32}\./);
      expect(ids.in(stopped)).toEqual([]);
      expect(stopped).not.toContain(KEY);
    }
    const { code, stdout, stderr } = await runProgram(args, { env });
    reported.push(stdout, stderr, await readFile(page, 'utf8'));
    expect(code).toBe(3);
    expect(stderr).toMatch(/user [0-9a-f]{32} was not exported/);
    expect(ids.in(reported.join('\n'))).toEqual([]);
    expect(reported.join('\n')).not.toContain(KEY);

    for (const table of [...rowTables, exportedUsers]) {
      expectSame(await destination.rows(table), await expectedRows(simulation.expectedDir, table));
    }
    const left = await everythingIn(destination);
    expect(ids.in(left)).toEqual([]);
    // The sealed IDs go with the plan.
    expect(left).not.toMatch(/[0-9a-f]{32}\.[\w-]/);
    const show = await runHere(['show', '1', '--json'], { env: { CHAT_EXPORT_TO: destination.to } });
    expect(ids.in(show.stdout)).toEqual([]);
  });

  test('refuses another key, and IDs in the clear, where there are rows, and says what to do', async () => {
    const simulation = await startSimulation({ users: 20, rate: 1_000 });
    const { to } = await destinationOf();
    const run = async (...more: string[]) => {
      const { args, env } = runAgainst(simulation, to, ...more);
      return await runHere(args, { env });
    };
    const key = await keyFile();
    expect(await run('--pseudonymize', key)).toMatchObject({ code: 0 });
    const other = await keyFile('another key that is long enough: 1');
    for (const more of [['--pseudonymize', other], []]) {
      const refused = await run(...more, '--fresh');
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(
        more.length === 0
          ? /hold pseudonyms, and this job names no key.*name their key with --pseudonymize/
          : /hold pseudonyms under another key.*name that key/,
      );
      expect(refused.stderr).not.toContain('long enough');
      const checked = await runHere(
        [
          'check',
          ...runAgainst(simulation, to, ...more)
            .args.slice(1)
            .filter((arg) => arg !== 'debug' && arg !== '--log-level'),
        ],
        { env: runAgainst(simulation, to).env },
      );
      expect(checked).toMatchObject({ code: 2, stdout: expect.stringMatching(/hold pseudonyms/) });
    }
    expect(await run('--pseudonymize', key)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Run 2 /),
    });
  });

  test('refuses rows in the clear', async () => {
    const simulation = await startSimulation({ users: 20, rate: 1_000 });
    const { to } = await destinationOf();
    const first = runAgainst(simulation, to);
    expect(await runHere(first.args, { env: first.env })).toMatchObject({ code: 0 });
    const { args, env } = runAgainst(simulation, to, '--pseudonymize', await keyFile());
    expect(await runHere(args, { env })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/hold user IDs in the clear.*choose another/),
    });
  });

  test('quotes no bad line of the list', async () => {
    const simulation = await startSimulation({ users: 5, rate: 1_000 });
    const { to } = await destinationOf();
    const list = join(await temporaryDirectory(), 'users.txt');
    await writeFile(list, `user0000001\n user0000002\n${'x'.repeat(40)}\n`);
    const csv = join(await temporaryDirectory(), 'users.csv');
    await writeFile(csv, 'user0000001\nuser0000002\n');
    const key = await keyFile();
    const run = async (users: string, ...more: string[]) => {
      const { args, env } = listed(simulation, to, '--pseudonymize', key, ...more);
      return await runHere(args, { env: { ...env, CHAT_EXPORT_USERS: users } });
    };
    const refused = await run(list);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('users.txt:2: white space around the ID (U+0020): "…"; remove it');
    expect(refused.stderr).not.toMatch(/user000|xxx/);
    const passed = await run(list, '--max-bad-lines', '2');
    expect(passed.code).toBe(0);
    expect(passed.stderr).toContain('users.txt:3: a user ID has at most 32 bytes');
    expect(passed.stderr).not.toMatch(/user000|xxx/);
    const headless = await run(csv);
    expect(headless.code).toBe(2);
    expect(headless.stderr).not.toMatch(/user000/);
  });

  test('resumes with no other key when nothing was committed yet, and starts over with it', async () => {
    const simulation = await startSimulation({ users: 40, rate: 1_000 });
    const { to } = await destinationOf();
    const { args, env } = runAgainst(simulation, to, '--pseudonymize', await keyFile());
    const run = startProgram([...args, '--rate', '1'], { env });
    await run.waitForLine(/run 1 of job default starts/);
    run.kill('SIGKILL');
    await run.exit;
    const other = runAgainst(simulation, to, '--pseudonymize', await keyFile('k'.repeat(32)));
    expect(await runHere(other.args, { env })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /names another key than the one it was started with; use --fresh to start a new run/,
      ),
    });
    expect(await runHere([...other.args, '--fresh'], { env })).toMatchObject({ code: 0 });
  });

  test('leaves free text out with --drop-free-text, in the same columns', async () => {
    const simulation = await startSimulation({ users: 60, rate: 1_000, seed: 3 });
    const destination = await destinationOf();
    const { args, env } = runAgainst(
      simulation,
      destination.to,
      '--pseudonymize',
      await keyFile(),
      '--drop-free-text',
    );
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
    const withoutText = (value: unknown, name: string): unknown =>
      name === 'contact_group_name' ? '' : name === 'custom_mark' || name === 'extra' ? null : value;
    for (const table of [conversations, contactGroups]) {
      expect(await destination.rows(table)).toEqual(
        await expectedRows(simulation.expectedDir, table, withoutText),
      );
    }
  });
});

test('pseudonyms of a user are the same as an owner, as a peer, in every table and in every run', async () => {
  const simulation = await startSimulation({ users: 80, seed: 8, rate: 1_000 });
  const { to } = await postgresDestination();
  const { args, env } = runAgainst(simulation, to, '--pseudonymize', await keyFile(), '--history', '--json');
  const first = await runHere(args, { env });
  expect(first).toMatchObject({ code: 0 });
  // An unchanged run is nearly free.
  const second = await runHere(args, { env });
  expect(JSON.parse(second.stdout)).toMatchObject({
    counts: { unchanged: 80, rows_written: 0, rows_removed: 0 },
  });
  await simulation.change({ day: 2 });
  expect(await runHere(args, { env })).toMatchObject({ code: 0 });
  const diff = await runHere(['diff', '3', '--json'], { env: { CHAT_EXPORT_TO: to } });
  expect(diff.code).toBe(0);
  const ids = await RawIds.of(simulation.expectedDir);
  expect(ids.in(diff.stdout + (await wholeDatabase(to)))).toEqual([]);
  expect(await runHere(['verify'], { env: { CHAT_EXPORT_TO: to } })).toMatchObject({ code: 0 });
});

test('--prune removes by pseudonym only users who are not in the list', async () => {
  const simulation = await startSimulation({ users: 60, seed: 8, rate: 1_000 });
  const { to } = await postgresDestination();
  const key = await keyFile();
  const all = runAgainst(simulation, to, '--pseudonymize', key);
  expect(await runHere(all.args, { env: all.env })).toMatchObject({ code: 0 });
  const lines = (await readFile(simulation.users, 'utf8')).trimEnd().split('\n');
  const shorter = join(await temporaryDirectory(), 'users.txt');
  await writeFile(shorter, `${lines.slice(0, 57).join('\n')}\n`);
  const { args, env } = listed(
    simulation,
    to,
    ...['--pseudonymize', key, '--prune', '--json', '--allow-mass-deletion'],
  );
  const pruned = await runHere(args, { env: { ...env, CHAT_EXPORT_USERS: shorter } });
  expect(JSON.parse(pruned.stdout)).toMatchObject({ counts: { pruned: 3, unchanged: 57 } });
});

test('--retry-failed finds the failed users of a run in the list again, by their pseudonyms', async () => {
  const script = ['user0000003', 'user0000007', 'user0000009'].map((user) => ({
    fault: '50002' as const,
    user,
    times: 1_000_000,
  }));
  const simulation = await startSimulation({ users: 60, seed: 5, oddUserIds: 0, rate: 1_000, script });
  const destination = await postgresDestination();
  const key = await keyFile();
  const run = async (users: string, ...more: string[]) => {
    const { args, env } = listed(simulation, destination.to, '--pseudonymize', key, ...more);
    return await runHere(args, { env: { ...env, CHAT_EXPORT_USERS: users } });
  };
  expect(await run(simulation.users)).toMatchObject({ code: 3 });
  await simulation.change({ script: [] });
  // One of them is not in the list any more, and others are there twice.
  const lines = (await readFile(simulation.users, 'utf8')).trimEnd().split('\n');
  const shorter = join(await temporaryDirectory(), 'users.txt');
  await writeFile(shorter, [...lines, ...lines].filter((line) => line !== 'user0000009').join('\n'));
  const retried = await run(shorter, '--retry-failed', 'last', '--json');
  expect(retried.stderr).toMatch(/1 of 3 failed users of run 1 are not in .*users.txt, and are not pulled/);
  expect(JSON.parse(retried.stdout)).toMatchObject({
    exit_code: 0,
    users: 2,
    lines: 2,
    duplicates: 0,
    retry_of_run: 1,
    counts: { exported: 2 },
  });
  const client = new pg.Client({ connectionString: destination.to });
  await client.connect();
  const { rows } = await client.query('select user_id from chat_export.stale_users');
  await client.end();
  expect(rows).toEqual([{ user_id: pseudonym('user', 'user0000009') }]);
});
