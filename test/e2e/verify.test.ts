import { appendFile, cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { runHere } from '../support/command-line.ts';
import { createDatabase } from '../support/database.ts';
import { csvDestination, embeddedDestination, postgresDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { startProgram } from '../support/program.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

type Verification = { readonly check: string; readonly state: string; readonly found: string | null };
type Verdict = { readonly exit_code: number; readonly run: number; readonly checks: readonly Verification[] };

const refused = ['user0000003', 'user0000007'];

let simulation: Simulation;
beforeAll(async () => {
  simulation = await startSimulation({
    users: 60,
    seed: 5,
    oddUserIds: 0,
    rate: 1_000,
    script: [
      ...refused.map((user) => ({ fault: '50002' as const, user, times: 1_000_000 })),
      { fault: '70107', user: 'user0000012', times: 1_000_000 },
    ],
  });
});

async function exportTo(to: string): Promise<void> {
  const { args, env } = runAgainst(simulation, to, '--chunk-size', '20');
  expect(await runHere(args, { env })).toMatchObject({ code: 3 });
}

async function verdict(to: string, ...more: string[]): Promise<Verdict> {
  const { code, stdout, stderr } = await runHere(['verify', '--json', ...more], {
    env: { CHAT_EXPORT_TO: to },
  });
  expect(stderr).toBe('');
  const verdict = JSON.parse(stdout) as Verdict;
  expect(verdict.exit_code).toBe(code);
  return verdict;
}

const inState = ({ checks }: Verdict, state: string): string[] =>
  checks.filter((check) => check.state === state).map(({ check }) => check);

async function execute(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

describe.each([
  ['csv', csvDestination],
  ['postgres', () => postgresDestination()],
  ['embedded', () => embeddedDestination()],
])('an export to %s', (kind, destinationOf) => {
  test('without changes agrees with its record, in a table and as JSON', async () => {
    const { to } = await destinationOf();
    await exportTo(to);
    const all = await verdict(to);
    expect(all).toMatchObject({ exit_code: 0, run: 1 });
    expect(inState(all, 'agrees')).toHaveLength(all.checks.length);
    expect(all.checks.find(({ check }) => check === 'users failed, by code')?.found).toBe('50002: 2');
    expect(Number(all.checks.find(({ check }) => check === 'users not in the app')?.found)).toBeGreaterThan(
      0,
    );
    const place = kind === 'csv' ? [to.slice('csv:'.length)] : ['--to', to];
    const { code, stdout } = await runHere(['verify', ...place]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Run 1 of job default \(finished\) in .*\n\n +\| CHECK +\| RECORDED +\| FOUND\n/);
    expect(stdout).toMatch(/\n ✓ \| users failed +\| 2 +\| 2\n/);
    expect(stdout).toMatch(/\n\d+ checks passed\n$/);
  });
});

describe('files', () => {
  let original: string;
  beforeAll(async () => {
    original = join(await temporaryDirectory(), 'export');
    await exportTo(`csv:${original}`);
  });

  const name = 'conversations.csv';
  const lines = (text: string): string[] => text.split(/(?<=\n)/);
  const rewritten =
    (change: (text: string) => string, file = name) =>
    async (directory: string): Promise<void> => {
      const path = join(directory, file);
      const text = await readFile(path, 'utf8');
      const changed = change(text);
      expect(changed).not.toBe(text);
      await writeFile(path, changed);
    };

  test.each<[string, (directory: string) => Promise<void>, readonly string[]]>([
    [
      'that were cut',
      async (directory) =>
        truncate(join(directory, name), (await readFile(join(directory, name))).length - 5),
      [`${name}: bytes`, `${name}: sha256`],
    ],
    ['with a changed byte', rewritten((text) => text.replace('c2c_', 'c2d_')), [`${name}: sha256`]],
    [
      'with two rows in each other’s place',
      rewritten((text) => {
        const [header = '', first = '', second = '', ...rest] = lines(text);
        return [header, second, first, ...rest].join('');
      }),
      [`${name}: sha256`],
    ],
    [
      'without a row',
      rewritten((text) => lines(text).toSpliced(3, 1).join('')),
      [`${name}: bytes`, `${name}: sha256`, `${name}: rows`, 'rows of conversations'],
    ],
    [
      'with a quote that is never closed',
      rewritten((text) => text.replace('c2c_', '"2c_')),
      [`${name}: sha256`, `${name}: content`],
    ],
    [
      'with a reason that nobody knows',
      rewritten((text) => text.replace('api_error', 'refused_by_me!'), 'unexported_users.csv'),
      ['unexported_users.csv: sha256', 'unexported_users.csv: content'],
    ],
    ['of which one is missing', (directory) => rm(join(directory, name)), [name]],
    ['with another beside them', (directory) => writeFile(join(directory, 'mine.csv'), ''), ['other files']],
    [
      'with a row of another app',
      (directory) => appendFile(join(directory, 'exported_users.csv'), 'zzz,7,0,0,0\n'),
      ['exported_users.csv: rows', 'users exported', 'rows of another app'],
    ],
    [
      'whose manifest counts otherwise',
      rewritten((text) => text.replace('"duplicates": 0', '"duplicates": 1'), 'manifest.json'),
      ['lines = users + beyond --limit + duplicates + bad + blank + suppressed'],
    ],
  ])('%s differ from the record, and end with 3', async (_, damage, differing) => {
    const directory = join(await temporaryDirectory(), 'export');
    await cp(original, directory, { recursive: true });
    await damage(directory);
    const found = await verdict(`csv:${directory}`);
    expect(found.exit_code).toBe(3);
    expect(inState(found, 'differs')).toEqual(expect.arrayContaining([...differing]));
  });

  test('without their manifest are not judged', async () => {
    const directory = join(await temporaryDirectory(), 'export');
    await cp(original, directory, { recursive: true });
    await rm(join(directory, 'manifest.json'));
    const { code, stderr } = await runHere(['verify', directory]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/ holds no finished run, so there is nothing to verify/);
  });
});

describe('a database', () => {
  let original: string;
  beforeAll(async () => {
    original = (await postgresDestination()).to;
    await exportTo(original);
  });

  const someone = `(select user_id from chat_export.memberships order by user_id limit 1)`;

  test.each<[string, string, readonly string[]]>([
    [
      'with a row deleted by hand',
      `delete from chat_export.conversations where conversation_id = (select max(conversation_id) from chat_export.conversations)`,
      ['rows that it wrote', 'users with other rows than exported_users counts'],
    ],
    [
      'with a key changed by hand',
      `update chat_export.conversations set conversation_id = 'c2c_x' where (user_id, conversation_id) =
         (select user_id, conversation_id from chat_export.memberships limit 1)`,
      ['memberships of conversations that are not there'],
    ],
    [
      'with another count by hand',
      `update chat_export.exported_users set memberships = memberships + 1 where user_id = ${someone}`,
      ['rows of users exported', 'users with other rows than exported_users counts'],
    ],
    [
      'with a user taken away by hand',
      `delete from chat_export.exported_users where user_id = ${someone}`,
      [
        'users exported',
        'users whose content it changed',
        'users with other rows than exported_users counts',
      ],
    ],
    [
      'with a reason changed by hand',
      `update chat_export.unexported_users set reason = 'not_in_app' where user_id = '${refused[0]}'`,
      ['users not in the app', 'users failed', 'users failed, by code'],
    ],
    [
      'with a row that is there twice',
      `alter table chat_export.contact_groups drop constraint contact_groups_pkey;
       insert into chat_export.contact_groups select * from chat_export.contact_groups limit 1`,
      ['keys of contact_groups that are there twice'],
    ],
    [
      'with a chunk counted otherwise',
      `update chat_export.run_chunks set user_count = user_count + 1 where chunk = 1`,
      ['users of the plan, by its chunks'],
    ],
  ])('%s differs from the record, and ends with 3', async (_, sql, differing) => {
    const { url } = await createDatabase({ as: `template ${new URL(original).pathname.slice(1)}` });
    await execute(url, sql);
    const found = await verdict(url);
    expect(found.exit_code).toBe(3);
    expect(inState(found, 'differs')).toEqual(expect.arrayContaining([...differing]));
  });

  test('is judged by a role that only reads', async () => {
    const { url } = await createDatabase({ as: `template ${new URL(original).pathname.slice(1)}` });
    const role = `reader_${new URL(url).pathname.slice(1)}`;
    await execute(
      url,
      `create role ${role} login password 'reads';
       grant usage on schema chat_export to ${role};
       grant select on all tables in schema chat_export to ${role}`,
    );
    const asReader = Object.assign(new URL(url), { username: role, password: 'reads' }).href;
    expect(await verdict(asReader)).toMatchObject({ exit_code: 0 });
    await execute(url, `drop owned by ${role}; drop role ${role}`);
  });

  test('of which a later run has written says no more of an earlier one’s rows than can be known', async () => {
    const { url } = await createDatabase({ as: `template ${new URL(original).pathname.slice(1)}` });
    await exportTo(url);
    const latest = await verdict(url);
    expect(latest).toMatchObject({ exit_code: 0, run: 2 });
    expect(inState(latest, 'unknown')).toEqual([]);
    const earlier = await verdict(url, '--run', '1');
    expect(earlier).toMatchObject({ exit_code: 0, run: 1 });
    expect(inState(earlier, 'unknown')).toEqual([
      'users whose content it changed',
      'rows that it wrote',
      'users exported',
      'rows of users exported',
    ]);
    expect(inState(earlier, 'agrees')).toContain('users failed');
  });
});

test.each([
  ['csv', csvDestination],
  ['postgres', () => postgresDestination()],
])(
  'nothing in %s is judged while a run is at work there, and the unfinished one afterwards',
  async (_, destinationOf) => {
    const stalled = await startSimulation({
      users: 40,
      oddUserIds: 0,
      rate: 1_000,
      script: [{ fault: 'stall', user: 'user0000035', times: 1_000_000 }],
    });
    const { to } = await destinationOf();
    const { args, env } = runAgainst(stalled, to, '--chunk-size', '10');
    const run = startProgram(args, { env });
    await run.waitForLine(/chunk 1 is committed/);
    const busy = await runHere(['verify', '--run', '1'], { env: { CHAT_EXPORT_TO: to } });
    expect(busy).toMatchObject({ code: 8, stdout: '' });
    expect(busy.stderr).toMatch(/a run is at work in .*; wait until it ends, or stop it/);
    run.kill('SIGTERM');
    await run.exit;
    const none = await runHere(['verify'], { env: { CHAT_EXPORT_TO: to } });
    expect(none).toMatchObject({ code: 2, stdout: '' });
    const unfinished = await verdict(to, '--run', '1');
    expect(unfinished.exit_code).toBe(0);
    expect(inState(unfinished, 'agrees')).toContain(
      'users = exported + not in the app + failed + not reached',
    );
  },
);

test.each([
  [['verify'], /to is missing/],
  [['verify', '--run', 'x', '--to', 'csv:export'], /--run x: expected a whole number/],
  [['verify', '--run', '1', '--run', '2'], /--run: given twice/],
  [['verify', '.', '--to', 'csv:export'], /a directory and --to are given/],
  [['verify', '--to', 'csv:nowhere'], /there is no such directory/],
])('%j ends with 2 and one line', async (args, pattern) => {
  const result = await runHere(args, { cwd: await temporaryDirectory() });
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(pattern);
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
});
