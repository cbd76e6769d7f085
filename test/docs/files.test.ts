import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, expect, test } from 'vitest';
import { conversations, memberships } from '../../src/tables/tables.ts';
import { runHere } from '../ground/command-line.ts';
import { temporaryDirectory } from '../ground/directory.ts';
import { csvRows } from '../ground/rows.ts';
import { runAgainst, startSimulation } from '../ground/simulation.ts';

const page = await readFile(new URL('../../docs/files.md', import.meta.url), 'utf8');
const [ofParquet = '', ofCsv = ''] = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, sql]) => sql);

let directory = '';
let truth = '';

beforeAll(async () => {
  const simulation = await startSimulation({ users: 200, seed: 9, rate: 2_000 });
  truth = simulation.truth;
  directory = await temporaryDirectory();
  for (const form of ['parquet', 'csv']) {
    const { args, env } = runAgainst(simulation, `${form}:${join(directory, form)}`);
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
  }
});

async function answer(sql: string, form: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(sql.replaceAll('export/', `${join(directory, form)}/`));
    return reader.getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const valuesOf = (rows: readonly string[]): unknown[][] => rows.map((row) => JSON.parse(row) as unknown[]);

test('the page’s question to Parquet files has the true answer', async () => {
  const byUser = new Map<string, number>();
  for (const [user] of valuesOf(await csvRows(truth, memberships)))
    byUser.set(String(user), (byUser.get(String(user)) ?? 0) + 1);
  const expected = [...byUser]
    .map(([user_id, count]) => ({ user_id, memberships: String(count) }))
    .sort(
      (a, b) =>
        Number(b.memberships) - Number(a.memberships) ||
        Buffer.compare(Buffer.from(a.user_id), Buffer.from(b.user_id)),
    )
    .slice(0, 5);
  expect(await answer(ofParquet, 'parquet')).toEqual(expected);
});

test('the page’s question to CSV files tells the empty text from null, as is true', async () => {
  const place = conversations.columns.findIndex(({ name }) => name === 'custom_mark');
  const marks = valuesOf(await csvRows(truth, conversations)).map((row) => row[place]);
  const [emptied, without] = ['', null].map((value) => marks.filter((mark) => mark === value).length);
  expect(emptied).toBeGreaterThan(0);
  expect(without).toBeGreaterThan(0);
  expect(await answer(ofCsv, 'csv')).toEqual([{ emptied: String(emptied), without: String(without) }]);
});
