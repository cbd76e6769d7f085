import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import pg from 'pg';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { runHere } from '../support/command-line.ts';
import { createDatabase } from '../support/database.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { type ProgramResult, runProgram, startProgram } from '../support/program.ts';

const main = resolve(import.meta.dirname, '../../dist/cli/main.js');

let url: string;
let client: pg.Client;
beforeAll(async () => {
  const database = await createDatabase();
  ({ url } = database);
  expect(await runHere(['migrate', 'up'], { env: { CHAT_EXPORT_TO: url } })).toMatchObject({ code: 0 });
  client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `insert into chat_export.contact_groups (user_id, sdk_app_id, contact_group_id, contact_group_name, last_changed_run)
     values ('u1', 9007199254740993, 1, '', 1), ('u2', 1400000000, 2, e'a\\nb', 1)`,
  );
  return async () => {
    await client.end();
    await database.drop();
  };
});

const sql = (...args: string[]): Promise<ProgramResult> =>
  runHere(['sql', ...args], { env: { CHAT_EXPORT_TO: url } });

async function expectRefused(args: string[], pattern: RegExp): Promise<void> {
  const { code, stdout, stderr } = await sql(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^chat-export: [^\n]*\n$/);
  expect(stderr).toMatch(pattern);
}

describe('the table', () => {
  test('finds the tables of the schema, aligns numbers and wide text, shows controls, leaves null blank', async () => {
    const statement = `select contact_group_name as name, sdk_app_id, extra, '日本語'::text as wide, 1.50 as n
      from contact_groups order by user_id desc`;
    expect(await sql(statement)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: [
        ' name     |       sdk_app_id | extra | wide   |    n',
        '----------+------------------+-------+--------+------',
        ' a\\u000ab |       1400000000 |       | 日本語 | 1.50',
        '          | 9007199254740993 |       | 日本語 | 1.50',
        '(2 rows)\n',
      ].join('\n'),
    });
  });

  test.each([
    [1_000, /\n +1000\n\(1,000 rows\)\n$/],
    [1_001, /\n +1000\n\(the first 1,000 rows; there are more: --csv or --json gives them all\)\n$/],
  ])('of %i rows says whether there are more', async (count, end) => {
    const { code, stdout } = await sql(`select generate_series(1, ${count}) as i`);
    expect(code).toBe(0);
    expect(stdout).toMatch(end);
  });

  test('shows other statements with rows, too', async () => {
    expect((await sql('explain select * from conversations')).stdout).toMatch(/^ QUERY PLAN\n/);
    expect((await sql('show transaction_read_only')).stdout).toMatch(/\n on\n\(1 row\)\n$/);
  });
});

describe('the whole result', () => {
  const statement =
    'select user_id, sdk_app_id, contact_group_name, extra from contact_groups order by 1 -- all\n;';

  test('as CSV keeps digits, and tells null from empty', async () => {
    expect(await sql('--csv', statement)).toMatchObject({
      code: 0,
      stdout: 'user_id,sdk_app_id,contact_group_name,extra\nu1,9007199254740993,"",\nu2,1400000000,"a\nb",\n',
    });
  });

  test.each(['--csv', '--json'])(
    'may be asked for with comments behind its semicolon with %s',
    async (form) => {
      const run = await sql(form, 'select 1 as a; -- the end\n; /* of /* it */ all */');
      expect(run).toMatchObject({ code: 0, stdout: form === '--csv' ? 'a\n1\n' : '{"a":1}\n' });
    },
  );

  test('as JSON is an object a row', async () => {
    expect(await sql('--json', statement)).toMatchObject({
      code: 0,
      stdout:
        '{"user_id":"u1","sdk_app_id":9007199254740993,"contact_group_name":"","extra":null}\n' +
        '{"user_id":"u2","sdk_app_id":1400000000,"contact_group_name":"a\\nb","extra":null}\n',
    });
    const kinds = `select true as t, 1e300::float8 as f, 'NaN'::numeric as n, '{"a": [1]}'::jsonb as j, array[1] as a`;
    expect((await sql('--json', kinds)).stdout).toBe(
      '{"t":true,"f":1e+300,"n":"NaN","j":{"a": [1]},"a":"{1}"}\n',
    );
  });

  test.each(['--csv', '--json'])('of many parts is whole with %s', async (format) => {
    const { stdout } = await sql(format, 'select i from generate_series(1, 1250) i');
    const numbers =
      format === '--csv'
        ? (parse(stdout, { columns: true }) as { i: string }[]).map(({ i }) => Number(i))
        : stdout
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line).i as number);
    expect(numbers).toEqual(Array.from({ length: 1250 }, (_, i) => i + 1));
  });

  test.each(['--csv', '--json'])('needs no memory for its size with %s', async (format) => {
    const hook = join(await temporaryDirectory(), 'tell-memory.mjs');
    await writeFile(
      hook,
      'process.on("exit", () => process.stderr.write(String(process.resourceUsage().maxRSS)));',
    );
    const query = "select repeat('x', 1000) as x from generate_series(1, 300000)";
    const { stdout, stderr } = await promisify(execFile)(
      'sh',
      ['-c', '"$0" "$1" sql "$2" "$3" | wc -c', process.execPath, main, query, format],
      {
        env: {
          PATH: process.env.PATH,
          CHAT_EXPORT_TO: url,
          NODE_OPTIONS: `--import=${pathToFileURL(hook).href}`,
        },
      },
    );
    expect(Number(stdout)).toBeGreaterThan(300_000_000);
    expect(Number(stderr)).toBeLessThan(256 * 1024);
  });

  test('is not an error when its reader leaves early', async () => {
    const query = 'select i from generate_series(1, 1000000) i';
    const { stdout, stderr } = await promisify(execFile)(
      'sh',
      ['-c', '{ "$0" "$1" sql --csv "$2"; echo "exit $?" >&2; } | head -n 2', process.execPath, main, query],
      { env: { PATH: process.env.PATH, CHAT_EXPORT_TO: url } },
    );
    expect({ stdout, stderr }).toEqual({ stdout: 'i\n1\n', stderr: 'exit 0\n' });
  });
});

test('the statement may come from standard input', async () => {
  const run = await runProgram(['sql', '-'], { env: { CHAT_EXPORT_TO: url }, input: 'select 1\nas one;\n' });
  expect(run).toMatchObject({ code: 0, stdout: ' one\n-----\n   1\n(1 row)\n' });
});

describe('refused with 2 and one line is', () => {
  test.each<[string, string[], RegExp]>([
    [
      'a column that is not there, by its place and with the hint',
      ['select 1,\n users_id from contact_groups'],
      /column "users_id" does not exist at line 2, character 2 \(42703\); Perhaps .*user_id/,
    ],
    [
      'the same as CSV',
      ['--csv', 'select\n users_id from contact_groups'],
      /at line 2, character 2 \(42703\)/,
    ],
    [
      'a statement that writes',
      ['delete from contact_groups returning user_id'],
      /cannot execute DELETE in a read-only transaction/,
    ],
    [
      'a function that writes',
      ["select set_config('transaction_read_only', 'off', false)"],
      /must be set before any query/,
    ],
    ['a second statement', ['select 1; commit; drop schema chat_export cascade'], /multiple commands/],
    [
      'a way out of COPY',
      ['--csv', 'select 1) to stdout; commit; drop schema chat_export cascade; --'],
      /syntax error/,
    ],
    ['one without a result', ['copy contact_groups to stdout'], /returns no rows, and was not run; write/],
    ['a block of code', ['do $$ begin end $$'], /returns no rows, and was not run/],
    ['a comment alone', ['--csv', '/* nothing */'], /returns no rows, and was not run/],
    ['one with a placeholder', ['select $1'], /requires 1/],
    ['an empty one', [' '], /the statement is missing/],
    ['none', [], /an argument is missing/],
    [
      'a statement in pieces',
      ['select', '1'],
      /1 is one argument too many, or no job file: the statement is one, between quotation/,
    ],
    ['two forms at once', ['select 1', '--csv', '--json'], /--csv and --json exclude each other/],
    ['two columns of one name as JSON', ['--json', 'select 1 as a, 2 as a'], /two columns are called a/],
    ['a destination without a database', ['select 1', '--to', 'csv:x'], /sql needs a database/],
  ])('%s', async (_, args, pattern) => {
    await expectRefused(args, pattern);
    const { rows } = await client.query('select count(*)::int as rows from chat_export.contact_groups');
    expect(rows).toEqual([{ rows: 2 }]);
  });

  test.each([[[]], [['--csv']]])('a COPY to a file of the server, before it writes, %j', async (form) => {
    const place = await temporaryDirectory();
    await chmod(place, 0o777);
    await expectRefused([`copy (select 1) to '${place}/file'`, ...form], /returns no rows, and was not run/);
    await expectRefused([`copy (select 1) to program 'touch ${place}/file'`, ...form], /returns no rows/);
    expect(await readdir(place)).toEqual([]);
  });

  test('a directory without a database, and nothing is made there', async () => {
    const place = await temporaryDirectory();
    await expectRefused(['select 1', '--to', `embedded:${place}`], /there is no database in/);
    await expectRefused(['select 1', '--to', `embedded:${place}/new`], /there is no database in/);
    expect(await readdir(place)).toEqual([]);
  });
});

test('an unavailable database ends it with 5 and one line', async () => {
  const run = await sql('select 1', '--to', 'postgres://127.0.0.1:1/nothing');
  expect(run).toMatchObject({ code: 5, stdout: '' });
  expect(run.stderr).toMatch(/^chat-export: .*ECONNREFUSED[^\n]*\n$/);
});

test.runIf(existsSync('/dev/full'))(
  'a result that cannot be written ends it with 5, reported once (needs /dev/full)',
  async () => {
    const toFullDisk = promisify(execFile)(
      'sh',
      ['-c', '"$0" "$1" sql "select 1" > /dev/full', process.execPath, main],
      { env: { PATH: process.env.PATH, CHAT_EXPORT_TO: url } },
    );
    await expect(toFullDisk).rejects.toMatchObject({
      code: 5,
      stderr: expect.stringMatching(
        /^chat-export: the result could not be written: the disk is full \(ENOSPC\)\n$/,
      ),
    });
  },
);

test.each([
  ['SIGINT', 130, []],
  ['SIGTERM', 143, ['--csv']],
] as const)('%s ends a long query, at the server too', async (signal, code, more) => {
  const run = startProgram(['sql', 'select pg_sleep(600)', ...more], { env: { CHAT_EXPORT_TO: url } });
  const atWork = async (): Promise<unknown[]> =>
    (
      await client.query(
        `select from pg_stat_activity where datname = current_database() and query ~ 'pg_sleep\\(600'
         and pid <> pg_backend_pid()`,
      )
    ).rows;
  await vi.waitFor(async () => expect(await atWork()).toHaveLength(1), { timeout: 30_000 });
  run.kill(signal);
  expect(await run.exit).toEqual({ code, signal: null, stdout: '', stderr: '' });
  await vi.waitFor(async () => expect(await atWork()).toEqual([]), { timeout: 60_000 });
});
