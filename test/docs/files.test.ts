import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { conversations, memberships } from '../../src/rows/tables.ts';
import { runHere } from '../support/command-line.ts';
import { createDatabase } from '../support/database.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { csvRows } from '../support/rows.ts';
import { describeServers } from '../support/servers.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

const page = await readFile(new URL('../../docs/files.md', import.meta.url), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(/```(\w*)\n(.*?)```/gs)].flatMap(([, its, text = '']) =>
    its === language ? [text] : [],
  );
const [ofParquet = '', ofCsv = ''] = blocks('sql');
const [ofPsql = '', ofGrep = ''] = blocks('');
const [ofPandas = '', ofPyarrow = ''] = blocks('python');

let directory = '';
let expectedDir = '';

beforeAll(async () => {
  const simulation = await startSimulation({ users: 200, seed: 9, rate: 2_000 });
  expectedDir = simulation.expectedDir;
  directory = await temporaryDirectory();
  for (const [format, ...more] of [['parquet'], ['csv'], ['csv:gz', '--compress', 'gzip']]) {
    const to = `${format?.replace(/:.*/, '')}:${join(directory, String(format).replace('csv:', ''))}`;
    const { args, env } = runAgainst(simulation, to, ...more);
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
  }
});

/** A query of the page, of another directory than the page's. */
async function answer(sql: string, place: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(sql.replaceAll('export/', `${place}/`));
    return reader.getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const valuesOf = (rows: readonly string[]): unknown[][] => rows.map((row) => JSON.parse(row) as unknown[]);

test('the page’s question to Parquet files has the true answer', async () => {
  const byUser = new Map<string, number>();
  for (const [user] of valuesOf(await csvRows(expectedDir, memberships)))
    byUser.set(String(user), (byUser.get(String(user)) ?? 0) + 1);
  const expected = [...byUser]
    .map(([user_id, count]) => ({ user_id, memberships: String(count) }))
    .sort(
      (a, b) =>
        Number(b.memberships) - Number(a.memberships) ||
        Buffer.compare(Buffer.from(a.user_id), Buffer.from(b.user_id)),
    )
    .slice(0, 5);
  expect(await answer(ofParquet, join(directory, 'parquet'))).toEqual(expected);
});

test('the page’s question to CSV files tells the empty text from null', async () => {
  const place = conversations.columns.findIndex(({ name }) => name === 'custom_mark');
  const marks = valuesOf(await csvRows(expectedDir, conversations)).map((row) => row[place]);
  const [emptied, without] = ['', null].map((value) => marks.filter((mark) => mark === value).length);
  expect(emptied).toBeGreaterThan(0);
  expect(without).toBeGreaterThan(0);
  expect(await answer(ofCsv, join(directory, 'csv'))).toEqual([
    { emptied: String(emptied), without: String(without) },
  ]);
});

test('the page’s question to Parquet files has the true answer below a path that reads as a column', async () => {
  const place = join(await temporaryDirectory(), 'user_id=x', 'memberships=1');
  await cp(join(directory, 'parquet'), place, { recursive: true });
  expect(await answer(ofParquet, place)).toEqual(await answer(ofParquet, join(directory, 'parquet')));
});

const columns = conversations.columns.map(({ name }) => name).join(',');
const line = (id: number | string, mark: string): string =>
  `alice,1400000000,c2c_p${id},c2c,p${id},0001,true,false,false,false,${mark},2022-12-12T11:05:10Z,\n`;

test('the page’s question to CSV files is right where the first quotes come late, and where texts have apostrophes', async () => {
  const place = join(await temporaryDirectory(), 'custom_mark=x');
  await mkdir(place);
  const early = Array.from({ length: 20_479 }, (_, i) => line(i, '')).join('');
  const late = `${line('a', '""')}${line('b', '"it""s"')}${line('c', "'")}${line('d', "'a'")}`;
  await writeFile(join(place, 'conversations.csv'), `${columns}\n${early}${late}`);
  expect(await answer(ofCsv, place)).toEqual([{ emptied: '1', without: '20479' }]);
  const marks = ofCsv
    .replace(/select .*\n/, 'select custom_mark as mark ')
    .replace(';', " where custom_mark <> '';");
  expect(await answer(marks, place)).toEqual(['it"s', "'", "'a'"].map((mark) => ({ mark })));
});

const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;

/** The result of a command of the page, in a directory with another `export` than the page's. */
const shell = (command: string, cwd: string, env: Record<string, string> = {}) =>
  spawnSync('sh', ['-c', command], { cwd, encoding: 'utf8', env: { ...process.env, ...env } });

describeServers('the page’s command for psql', (version) => {
  test.skipIf(!has('psql'))('reads a compressed file exactly (needs psql)', async () => {
    const { url, drop } = await createDatabase({ server: version });
    const cwd = await temporaryDirectory();
    await cp(join(directory, 'gz'), join(cwd, 'export'), { recursive: true });
    const client = new pg.Client(url);
    await client.connect();
    await client.query(
      'create table memberships (user_id text, sdk_app_id bigint, contact_group_id bigint, conversation_id text)',
    );
    const { status, stderr } = shell(ofPsql.replace('psql', `psql '${url}'`), cwd);
    expect([status, stderr]).toEqual([0, '']);
    const { rows } = await client.query('select count(*)::int as rows from memberships');
    expect(rows[0].rows).toBe((await csvRows(expectedDir, memberships)).length);
    await client.end();
    await drop();
  });
});

test('the page’s command names the files that psql’s \\copy may not read', async () => {
  const cwd = await temporaryDirectory();
  await mkdir(join(cwd, 'export'));
  const files = { a: 'x,"1\n\\.\n2",\n', b: 'x,"\\.",\n', c: 'x,"1\n\\..\n2"\n' };
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, `export/${name}.csv`), text);
  expect(shell(ofGrep, cwd)).toMatchObject({ stdout: 'export/a.csv\n', status: 0 });
});

const hasPandas = spawnSync('python3', ['-c', 'import pandas, pyarrow']).status === 0;

test.skipIf(!hasPandas)(
  'the page’s recipes for pandas read every value unchanged (needs pandas and pyarrow)',
  async () => {
    const cwd = await temporaryDirectory();
    await cp(join(directory, 'csv'), join(cwd, 'export'), { recursive: true });
    const odd = `${columns}\n${line('NA', '""')}${line('null', '')}${line(7, '"it""s\r\n\nx"')}${line('1e5', '\ufeff=1')}`;
    await writeFile(join(cwd, 'export/conversations.csv'), odd);
    const reported =
      'print(conversations[["peer_id", "standard_mark", "custom_mark"]].to_json(orient="values"))';
    const { stdout, stderr } = shell(`python3 -c "$CODE"`, cwd, { CODE: `${ofPyarrow}\n${reported}` });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([
      ['pNA', '0001', ''],
      ['pnull', '0001', null],
      ['p7', '0001', 'it"s\r\n\nx'],
      ['p1e5', '0001', '\ufeff=1'],
    ]);
    await cp(join(directory, 'parquet'), join(cwd, 'user_id=x/export'), { recursive: true });
    const users = shell(`python3 -c "$CODE"`, join(cwd, 'user_id=x'), {
      CODE: `${ofPandas}\nprint(len(conversations), conversations.user_id.nunique())`,
    });
    const rows = valuesOf(await csvRows(expectedDir, conversations));
    expect(users.stdout).toBe(`${rows.length} ${new Set(rows.map(([user]) => user)).size}\n`);
  },
);
