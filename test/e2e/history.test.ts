import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Table } from '../../src/rows/table.ts';
import { memberships, rowTables } from '../../src/rows/tables.ts';
import { runHere } from '../support/command-line.ts';
import { createDatabase } from '../support/database.ts';
import {
  HistoryOracle,
  historyOf,
  instantsRunningBackwards,
  type RowTable,
} from '../support/history-oracle.ts';
import { startProgram } from '../support/program.ts';
import { csvRows, postgresRows } from '../support/rows.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

const APP = 1400000000;
const RUNS = 20;
/** One of these runs is killed in the middle, or stopped by its time, and resumed. */
const INTERRUPTED: Readonly<Record<number, 'SIGKILL' | 'SIGTERM'>> = {
  4: 'SIGKILL',
  9: 'SIGTERM',
  15: 'SIGKILL',
};

const asOf = (table: RowTable, when: string): Table => ({
  ...table,
  name: `${table.name}_as_of(${APP}, ${when})`,
});

describe('twenty runs with changes, failures, users who leave, and three interruptions', () => {
  let simulation: Simulation;
  let url: string;
  let client: pg.Client;
  const oracle = new HistoryOracle();
  const runs: { readonly id: number; readonly finishedAt: string }[] = [];

  const query = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    (await client.query(text, values)).rows;
  const runNumberOf = (rate: number, ...more: readonly string[]) =>
    runAgainst(
      simulation,
      url,
      ...['--rate', String(rate), '--chunk-size', '10', '--max-attempts', '2', '--not-in-app', 'remove'],
      ...['--allow-mass-deletion', '--json', ...more],
    );

  async function exportOnce(number: number): Promise<void> {
    await simulation.change({ day: number });
    // Once started, it continues.
    const { args, env } = runNumberOf(1_000, ...(number === 1 ? ['--history'] : []));
    const signal = INTERRUPTED[number];
    if (signal !== undefined) {
      const run = startProgram(runNumberOf(50).args, { env });
      await run.waitForLine(/chunk 2 is committed/);
      run.kill(signal);
      await run.exit;
    }
    const { code, stderr } = await runHere(args, { env });
    expect([0, 3], stderr).toContain(code);
    const [run] = await query(
      'select run_id, finished_at::text as at from chat_export.runs order by run_id desc limit 1',
    );
    const id = Number(run?.run_id);
    runs.push({ id, finishedAt: String(run?.at) });
    const unexported = new Map(
      (await query('select user_id, reason from chat_export.unexported_users where run_id = $1', [id])).map(
        (row) => [String(row.user_id), row.reason],
      ),
    );
    const listed = (await readFile(simulation.users, 'utf8')).trimEnd().split('\n');
    const replaced = listed.filter((user) => (unexported.get(user) ?? 'not_in_app') === 'not_in_app');
    const place = await simulation.expectedDirOnDay(number);
    const stored = new Map<RowTable, readonly string[]>();
    for (const table of rowTables) stored.set(table, await csvRows(place, table));
    oracle.replay(id, new Set(replaced), stored);
  }

  beforeAll(async () => {
    simulation = await startSimulation({
      users: 60,
      seed: 5,
      rate: 1_000,
      changed: 0.3,
      conversations: 30,
      oddUserIds: 0,
      notImportedFromDay2: 0.05,
      // Two in a row fail a user.
      faults: { 50004: 0.4 },
    });
    ({ url } = await createDatabase({}));
    client = new pg.Client({ connectionString: url });
    await client.connect();
    for (let number = 1; number <= RUNS; number += 1) await exportOnce(number);
    return () => client.end();
  });

  test('had all of it', async () => {
    expect(runs).toHaveLength(RUNS);
    const [reported] = await query(
      `select count(*) filter (where reason = 'not_in_app') as gone,
              count(distinct run_id) filter (where reason = 'transient_error') as failing,
              (select count(*) from chat_export.runs where attempts > 1) as interrupted
       from chat_export.unexported_users`,
    );
    expect(Number(reported?.gone)).toBeGreaterThan(0);
    expect(Number(reported?.failing)).toBeGreaterThan(10);
    expect(reported?.interrupted).toBe('3');
  });

  test.each(rowTables)('$name has every version that an oracle knows', async (table) => {
    const expected = oracle.versions(table);
    expect(expected.length).toBeGreaterThan(100);
    expect(await postgresRows(url, historyOf(table))).toEqual(expected);
  });

  test.each(rowTables)(
    '$name as of each run, and as of the instant of its end, is what it was',
    async (table) => {
      for (const { id, finishedAt } of runs) {
        const expected = oracle.asOf(table, id);
        expect(await postgresRows(url, asOf(table, String(id))), `run ${id}`).toEqual(expected);
        expect(await postgresRows(url, asOf(table, `'${finishedAt}'::timestamptz`)), finishedAt).toEqual(
          expected,
        );
      }
    },
  );

  test.each(rowTables)('the instants of $name never run backwards', async (table) => {
    expect(await query(instantsRunningBackwards(table))).toEqual([]);
  });

  test('chat-export diff says of each run, and of several, what the oracle does', async () => {
    const first = runs[0]?.id ?? 0;
    const pairs = [...runs.map(({ id }) => [id, id - 1] as const), [first + 12, first + 3] as const];
    for (const [run, since] of pairs) {
      const args = since === run - 1 ? [String(run)] : [String(run), String(since)];
      const { code, stdout, stderr } = await runHere(['diff', ...args, '--json'], {
        env: { CHAT_EXPORT_TO: url },
      });
      expect(code, stderr).toBe(0);
      const { users, changed_users, total } = JSON.parse(stdout) as Record<string, unknown>;
      const expected = oracle.diff(since, run);
      expect(expected.length).toBeGreaterThan(0);
      expect(users, `run ${run} since ${since}`).toEqual(expected);
      expect(changed_users).toBe(expected.length);
      const joined = (expected as { memberships: { joined: number } }[]).reduce(
        (sum, { memberships: { joined } }) => sum + joined,
        0,
      );
      expect((total as { memberships: { joined: number } }).memberships.joined).toBe(joined);
    }
  });

  test('a run without changes writes no version', async () => {
    await simulation.change({ faults: {} });
    const { args, env } = runNumberOf(1_000);
    await runHere(args, { env });
    const versions = () =>
      query(
        `select relname, n_tup_ins, n_tup_upd, n_tup_del from pg_stat_user_tables
         where relname like '%\\_history' order by relname`,
      );
    await query('select pg_stat_force_next_flush()');
    const before = await versions();
    expect(before).toHaveLength(rowTables.length);
    await runHere(args, { env });
    await query('select pg_stat_force_next_flush()');
    expect(await versions()).toEqual(before);
  });
});

test('a history that starts with existing rows has them as first versions', async () => {
  const simulation = await startSimulation({ users: 40, seed: 8, rate: 1_000, changed: 0.5, oddUserIds: 0 });
  const { url } = await createDatabase({});
  const { args, env } = runAgainst(simulation, url, '--rate', '1000', '--quiet');
  expect(await runHere(args, { env })).toMatchObject({ code: 0 });
  const diff = (...more: string[]) => runHere(['diff', ...more], { env: { CHAT_EXPORT_TO: url } });
  expect(await diff('1')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/keeps no history of app 1400000000; a run with --history starts it\n$/),
  });
  const first = await postgresRows(url, memberships);
  await simulation.change({ day: 2 });
  expect(await runHere([...args, '--history'], { env })).toMatchObject({ code: 0 });
  expect(await postgresRows(url, asOf(memberships, '1'))).toEqual(first);
  expect(await postgresRows(url, asOf(memberships, '2'))).toEqual(await postgresRows(url, memberships));
  expect((await diff('2')).stdout).toMatch(/^Run 2 of app 1400000000 changed the rows of \d+ users\n/);
  expect(await diff('1')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/history starts with run 2\n$/),
  });
  expect(await diff('1', '2')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/name the later run first\n$/),
  });
});
