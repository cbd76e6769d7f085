import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { contactGroups, conversations, exportedUsers } from '../../src/rows/tables.ts';
import { failure, serve } from '../chat-api/server.ts';
import { createDatabase } from '../support/database.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { type ComparableRows, csvRows, postgresRows } from '../support/rows.ts';
import { SECRET_KEY } from '../support/simulation.ts';
import { orders, ordersATerminal, stored, unstorable } from './texts.ts';

const APP = '1400000000';
const texts = [...orders, ...unstorable];
// An ID that cannot be stored unchanged fails its user; names of groups show the handling of other texts.
const peers = orders.filter((text) => text !== '');
// IDs with control or invisible characters are refused (test/user-list/invisible-characters.test.ts).
const isUserId = (id: string): boolean =>
  Buffer.byteLength(id) <= 32 && id !== '' && !/[\p{Cc}\p{Cf}\p{White_Space}]/u.test(id);
const users = orders.filter(isUserId);
/** Users with hostile errors of the API or in the page, but without rows. */
const refused = ['refused', 'strange'] as const;
/** A text that no option may contain is refused; this one passes as a name. */
const JOB = 'night\u202ely';

const page = (more: object): string =>
  JSON.stringify({
    ActionStatus: 'OK',
    ErrorCode: 0,
    ErrorInfo: '',
    CompleteFlag: 1,
    NextStartIndex: 0,
    ...more,
  });

const groupItems = texts.map((GroupName, GroupId) => ({ GroupId, GroupName }));
const contactItems = peers.map((peer, i) => ({
  Type: 1 + (i % 2),
  [i % 2 === 0 ? 'To_Account' : 'ToGroupId']: peer,
  CustomMark: peer,
  ContactGroupId: [i],
  Timestamp: 1_670_843_110,
}));

function answerFor(user: string): string {
  if (user === refused[0]) return failure(90_001, texts.join(' '));
  if (user === refused[1]) return page({ ContactItem: [{ Type: '\u001b]0;owned\u0007\u202e\u009b31m' }] });
  return page({ ContactItem: contactItems, GroupItem: groupItems });
}

/** All rows of a table as they must be, in the form that compares. */
const rowsOf = (row: (user: string) => readonly (readonly (string | null)[])[]): ComparableRows =>
  [
    ...new Set(users.flatMap((user) => row(user).map((cells) => JSON.stringify([user, APP, ...cells])))),
  ].sort();
const marks = [null, null, null, null, null];
const expected = {
  conversations: rowsOf(() =>
    peers.map((peer, i) => {
      const [type, id] = [i % 2 === 0 ? 'c2c' : 'group', peer];
      return [`${type}_${id}`, type, id, ...marks, id, '2022-12-12T11:05:10Z', null];
    }),
  ),
  contactGroups: rowsOf(() => texts.map((name, id) => [String(id), stored(name), null])),
};

type Place = {
  readonly to: string;
  readonly rows: (table: Parameters<typeof csvRows>[1]) => Promise<ComparableRows>;
};

describe.each(['csv', 'postgres'])('names that give orders, exported into %s,', (kind) => {
  let place: Place;
  let cwd: string;

  beforeAll(async () => {
    // Paths are shown, too.
    cwd = join(await temporaryDirectory(), 'here\u001b[31m\u202e');
    await mkdir(cwd);
    await writeFile(
      join(cwd, 'users.jsonl'),
      [...users, ...refused].map((user) => `${JSON.stringify(user)}\n`).join(''),
    );
    const { url } = kind === 'csv' ? { url: '' } : await createDatabase();
    place =
      kind === 'csv'
        ? { to: 'csv:out\u202e', rows: (table) => csvRows(join(cwd, 'out\u202e'), table) }
        : { to: url, rows: (table) => postgresRows(url, table) };
  });

  /** Runs a command as a terminal would see it, and checks that none of its output controls the terminal. */
  async function harmless(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    const out = new PassThrough();
    const err = new PassThrough();
    const [stdout, stderr] = [text(out), text(err)];
    const code = await runCommandLine({
      args,
      cwd,
      env: { CHAT_EXPORT_TO: place.to, CHAT_EXPORT_SECRET_KEY: SECRET_KEY, ...env },
      input: () => Readable.from([]),
      out,
      err,
      onSignal: () => {},
      endNow: () => {},
      reraise: () => {},
    });
    out.end();
    err.end();
    const reported = { code, stdout: await stdout, stderr: await stderr };
    const said = reported.stdout + reported.stderr;
    expect(ordersATerminal(said), `${args[0]}: ${JSON.stringify(said)}`).toBe(false);
    expect(said.length, args[0]).toBeGreaterThan(0);
    return reported;
  }

  test('come out exactly, and reach no terminal', async () => {
    const { endpoint } = await serve(({ body }, response) => {
      const { From_Account: user } = JSON.parse(body) as { From_Account: string };
      response.end(answerFor(user));
    });
    const job = [
      '--users',
      'users.jsonl',
      '--endpoint',
      endpoint,
      '--sdk-app-id',
      APP,
      '--name',
      JOB,
      '--rate',
      '5000',
    ];
    const run = ['run', ...job, '--log-level', 'trace'];
    const first = await harmless(run);
    expect(first.code, first.stderr).toBe(3);
    expect(await harmless([...run, '--log-format', 'json', '--json', '--fresh'])).toMatchObject({ code: 3 });

    expect(await place.rows(conversations)).toEqual(expected.conversations);
    expect(await place.rows(contactGroups)).toEqual(expected.contactGroups);
    expect(await place.rows(exportedUsers)).toHaveLength(users.length);

    const { stdout: shown } = await harmless(['show', '2']);
    expect(shown).toContain('\\u001b[2J');
    const { stdout: json } = await harmless(['show', '2', '--json']);
    expect((JSON.parse(json) as { job: string }).job).toBe(JOB);
    expect((await harmless(['runs'])).stdout).toContain('night\\u202ely');
    await harmless(['runs', '--json']);
    await harmless(['check', ...job]);
    await harmless(['check', ...job, '--json']);
    expect((await harmless(['runs'], { CHAT_EXPORT_NAME: JOB })).code).toBe(0);

    if (kind === 'csv') return;
    const { stdout: table } = await harmless(['sql', 'select * from conversations']);
    expect(table).toContain('\\u001b[2J');
    const { stdout: rows } = await harmless([
      'sql',
      '--json',
      'select distinct custom_mark as mark from conversations',
    ]);
    const found = rows
      .trimEnd()
      .split('\n')
      .map((row) => (JSON.parse(row) as { mark: string }).mark);
    expect(found.sort()).toEqual([...new Set(peers)].sort());
    const wrong = `select custom_mark::int as "\u001b[31m\u202e" from conversations where custom_mark like '%]0;%'`;
    expect(await harmless(['sql', wrong])).toMatchObject({ code: 2 });
  });

  // Nothing of it depends on the destination.
  if (kind === 'postgres') return;

  test('are named without harm where a command is refused for them', async () => {
    const nameless = ['run', '--endpoint', 'http://127.0.0.1:9', '--sdk-app-id', APP];
    await writeFile(join(cwd, 'bad.txt'), orders.map((text) => `${text}${'x'.repeat(40)}\n`).join(''));
    await writeFile(
      join(cwd, 'bad.yaml'),
      orders.map((text) => `${JSON.stringify(`${text}x`)}: ${JSON.stringify(text)}\n`).join(''),
    );
    await writeFile(join(cwd, 'bad.jsonl'), orders.map((text) => `${text}{"${text}"\n`).join(''));
    await writeFile(join(cwd, 'bad.csv'), `${orders.join('')}\n1\n`);
    for (const users of ['bad.txt', 'bad.jsonl', 'bad.csv', 'none\u202e.txt']) {
      expect(await harmless([...nameless, '--users', users]), users).toMatchObject({ code: 2 });
    }
    expect(await harmless(['run', 'bad.yaml'])).toMatchObject({ code: 2 });
    expect(await harmless(['run', '--users', 'users.jsonl', '--to', orders.join('')])).toMatchObject({
      code: 2,
    });
    expect(await harmless(['runs\u001b[31m\u202e'])).toMatchObject({ code: 2 });
    expect(await harmless(['runs', '--to', 'csv:none\u202e'])).toMatchObject({ code: expect.any(Number) });
  });
});
