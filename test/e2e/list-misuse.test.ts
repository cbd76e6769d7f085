import { execFileSync } from 'node:child_process';
import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { runHere } from '../support/command-line.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { type ProgramResult, startProgram } from '../support/program.ts';
import { SECRET_KEY, type Simulation, startSimulation } from '../support/simulation.ts';

let simulation: Simulation;
let place: string;
beforeAll(async () => {
  simulation = await startSimulation({ users: 20, rate: 1_000 });
});
beforeEach(async () => {
  place = await temporaryDirectory();
});

const started = (args: readonly string[]) =>
  [
    ['run', '--endpoint', simulation.url, '--sdk-app-id', '1400000000', ...args],
    {
      env: { CHAT_EXPORT_SECRET_KEY: SECRET_KEY, CHAT_EXPORT_TO: `csv:${join(place, 'export')}` },
      cwd: place,
    },
  ] as const;
const run = (...args: string[]): Promise<ProgramResult> => runHere(...started(args));

/** A run whose list is a file of this name and content. */
async function runList(
  name: string,
  content: string | Uint8Array,
  ...more: string[]
): Promise<ProgramResult> {
  await writeFile(join(place, name), content);
  return await run('--users', name, ...more);
}

async function expectRefusal(misuse: Promise<ProgramResult>, pattern: RegExp): Promise<void> {
  const { calls } = await simulation.report();
  const { code, stdout, stderr } = await misuse;
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^chat-export: /)]);
  expect(stderr).toMatch(pattern);
  expect((await simulation.report()).calls).toBe(calls);
  // A directory may have been created to look for a run in it; there is no export in it.
  expect(await readdir(join(place, 'export')).catch(() => [])).toEqual([]);
}

const sql = ['--users-sql', 'select 1', '--users-db', 'postgres://reader@127.0.0.1:1/crm'];

test.each<[string, () => Promise<ProgramResult>, RegExp]>([
  ['no list at all', () => run(), /users is missing: give --users FILE\|- or --users-sql QUERY/],
  ['--users twice', () => run('--users', 'a', '--users', 'b'), /--users: given twice/],
  ['--users without a value', () => run('--users'), /users/],
  ['--users with an empty value', () => run('--users', ''), /--users: given without a value/],
  ['--users with ~', () => run('--users=~/users.txt'), /--users .*~ has no meaning here/],
  ['--users and --users-sql', () => run('--users', 'a', ...sql), /both .*--users a and --users-sql select 1/],
  ['--users-sql that is blank', () => run('--users-sql', ' '), /--users-sql " ": is blank/],
  ['--users-sql twice', () => run(...sql, '--users-sql', 'select 2'), /--users-sql: given twice/],
  ['--users-sql with nobody to ask', () => run('--users-sql', 'select 1'), /--users-sql: .*--users-db/],
  [
    '--users-db that is no database',
    () => run('--users-sql', 'select 1', '--users-db', 'csv:x'),
    /--users-db: expected a database/,
  ],
  [
    '--users-db without --users-sql',
    () => run('--users', 'a', '--users-db', 'embedded:x'),
    /--users-db: it needs --users-sql/,
  ],
  [
    '--users-db with a password',
    () => run('--users-sql', 'select 1', '--users-db', 'postgres://u:p@127.0.0.1/x'),
    /--users-db: every user of this machine can see a password.*CHAT_EXPORT_USERS_DB/,
  ],
  [
    '--user-column without a value',
    () => run('--users', 'a.csv', '--user-column', ''),
    /--user-column: given without a value/,
  ],
  [
    '--user-column with a list that has none',
    () => runList('users.txt', 'a\n', '--user-column', 'id'),
    /--user-column "id": .*users\.txt is read as one user ID a line/,
  ],
  [
    '--user-column that is not in the file',
    () => runList('users.csv', 'a,b\n1,2\n', '--user-column', 'id'),
    /users\.csv:1: there is no column "id" \(--user-column\); the columns are "a", "b"/,
  ],
  [
    'a CSV cut by semicolons',
    () => runList('users.csv', 'user_id;name\na;A\n'),
    /users\.csv:1: .*--user-column; the only one is "user_id;name"; the separator must be a comma, not ";"$/m,
  ],
  ['a CSV without --user-column', () => runList('users.csv', 'a,b\n1,2\n'), /users\.csv:1: .*--user-column/],
  ...['-1', '1.5', 'all', '1e3', ''].map((value): [string, () => Promise<ProgramResult>, RegExp] => [
    `--max-bad-lines ${value}`,
    () => run('--users', 'a', `--max-bad-lines=${value}`),
    /--max-bad-lines/,
  ]),
  ...['0', '-1', 'x'].map((value): [string, () => Promise<ProgramResult>, RegExp] => [
    `--limit ${value}`,
    () => run('--users', 'a', `--limit=${value}`),
    /--limit/,
  ]),
  [
    '--temp-dir that is not there',
    () => run('--users', 'a', '--temp-dir', 'nowhere'),
    /--temp-dir .*nowhere: it does not exist \(ENOENT\); choose a directory/,
  ],
])('%s ends with 2, one line, no call and nothing written', async (_, misuse, pattern) => {
  await expectRefusal(misuse(), pattern);
});

test.each<[string, () => Promise<ProgramResult>, RegExp]>([
  [
    'a table',
    () => runList('users.xlsx', 'PK'),
    /users\.xlsx: a list in the format \.xlsx cannot be read; give \.csv/,
  ],
  [
    'a directory',
    async () => {
      await mkdir(join(place, 'users'));
      return await run('--users', 'users');
    },
    /users: the list is a directory$/m,
  ],
  [
    'a file in UTF-16',
    () => runList('users.csv', Buffer.from('\ufeffuser_id\na\n', 'utf16le')),
    /users\.csv:1: the file is UTF-16; save it as UTF-8/,
  ],
  [
    'a gzipped file in UTF-16',
    () => runList('users.gz', gzipSync(Buffer.from('ab\n', 'utf16le'))),
    /users\.gz:1: .*UTF-16/,
  ],
  ['zeros', () => runList('users.txt', Buffer.alloc(1_000)), /users\.txt:1: a user ID has at most 32 bytes/],
  ['a zero in an ID', () => runList('users.jsonl', '"a"\n"b\\u0000"\n'), /users\.jsonl:2: .*U\+0000/],
  [
    'a gzip file that is cut short',
    () => runList('users.gz', gzipSync('a\nb\n').subarray(0, 20)),
    /users\.gz: the gzip file is cut short/,
  ],
  [
    'half a CSV',
    () => runList('users.csv', 'user_id\na\n"b'),
    /users\.csv:3: a quote is opened in the row that begins here/,
  ],
  ['a CSV with a header alone', () => runList('users.csv', 'user_id\n'), /users\.csv holds no user ID/],
  [
    'a CSV that claims to be lines',
    () => runList('users.jsonl', 'user_id\n'),
    /users\.jsonl:1: "user_id" is the header of a CSV; let the name of the file end in \.csv/,
  ],
  [
    'half of JSON lines',
    () => runList('users.jsonl', '{"user_id":"a"}\n{"user_id":"b'),
    /users\.jsonl:2: not JSON/,
  ],
  [
    'a row with too few fields',
    () => runList('users.csv', 'user_id,n\na,1\nb\n'),
    /users\.csv:3: the row has 1 field, the header has 2/,
  ],
])('a list that is %s, too', async (_, misuse, pattern) => {
  await expectRefusal(misuse(), pattern);
});

const keyLists: readonly (readonly [name: string, content: string | Uint8Array])[] = [
  ['sk', `${SECRET_KEY}\n`],
  ['sk.csv', `${SECRET_KEY}\n`],
  ['sk.csv', `user_id\n${SECRET_KEY}\n`],
  ['sk.csv', `"${SECRET_KEY};x"\n`],
  ['sk.jsonl', `${SECRET_KEY}\n`],
  ['sk.jsonl', `{"user_id":"alice"}\n{"secret_key":"${SECRET_KEY}"}\n`],
  ['sk.gz', gzipSync(SECRET_KEY)],
  ['sk', SECRET_KEY.toUpperCase()],
  ['sk.utf16', Buffer.from(`\ufeff${SECRET_KEY}\r\n`, 'utf16le')],
  ['halves', `alice\n${SECRET_KEY.slice(0, 32)}\n${SECRET_KEY.slice(32)}\n`],
  ['half.csv', `${SECRET_KEY.slice(0, 32)}\n`],
  ['half.jsonl', `${SECRET_KEY.slice(32)}\n`],
  ['job.yaml.txt', `sdk-app-id: 1\n# ${SECRET_KEY}\n`],
];

test.each(keyLists)(
  'the secret key as a list is refused and not shown, half or whole: %s',
  async (name, content) => {
    for (const more of [[], ['--max-bad-lines', '9']]) {
      const result = await runList(name, content, ...more);
      expect(result).toMatchObject({ code: 2, stdout: '' });
      if (name !== 'sk.utf16' && more.length === 0)
        expect(result.stderr).toMatch(/the user list holds the secret key of the app/);
      const [, ...args] = started(['--users', name, ...more])[0];
      const checked = await runHere(['check', ...args, '--json'], started([])[1]);
      expect(checked).toMatchObject({ code: 2 });
      for (const text of [result.stderr, checked.stdout, checked.stderr]) {
        for (let at = 0; at + 12 <= SECRET_KEY.length; at += 1) {
          expect(text.toLowerCase()).not.toContain(SECRET_KEY.slice(at, at + 12));
        }
      }
    }
  },
);

test('the secret key in the place of the name of a list is refused and not shown', async () => {
  const result = await run('--users', SECRET_KEY);
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toBe(
    'chat-export: --users [hidden]: this looks like a secret key or a UserSig, and is not shown; give the file of the user list\n',
  );
});

test.skipIf(process.platform === 'win32').each([
  ['users.csv', 'user_id\na\n"b', /users\.csv:3: a quote is opened/],
  ['users.jsonl', '"a"\n"b', /users\.jsonl:2: not JSON/],
  ['users.gz', gzipSync('a\nb\n').subarray(0, 20), /users\.gz: the gzip file is cut short/],
])('a pipe that ends early, too: %s (needs mkfifo)', async (name, content, pattern) => {
  const pipe = join(place, name);
  execFileSync('mkfifo', [pipe]);
  const program = startProgram(...started(['--users', pipe]));
  const writer = await open(pipe, 'w');
  await writer.writeFile(content);
  await writer.close();
  await expectRefusal(program.exit, pattern);
});
