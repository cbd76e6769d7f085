import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Page, PaginationError, readAnswer } from '../../src/chat-api/answer.ts';
import { CallError } from '../../src/chat-api/call-error.ts';
import { csvText } from '../../src/destinations/files/formats/csv-text.ts';
import { copyText } from '../../src/destinations/postgres/ledger/copy.ts';
import { printable } from '../../src/report/text/printable.ts';
import { normalize, type UserRows } from '../../src/rows/normalize.ts';
import { InvalidPage } from '../../src/rows/page.ts';
import { columnNames, type Row, type Table } from '../../src/rows/table.ts';
import { contactGroups, conversations, memberships, unexportedUsers } from '../../src/rows/tables.ts';
import { unexportedRow } from '../../src/run/pull/unexported.ts';
import { anyBody } from './bodies.ts';
import { bodies, ordersATerminal, stored } from './texts.ts';

const USER = 'user0';
const APP = 1_400_000_000;

type Item = Readonly<Record<string, unknown>>;

/** The body, understood whole, or the error that refuses it. */
function understood(body: string): UserRows | Error {
  try {
    const page: Page = readAnswer(body);
    return normalize(USER, [page], { sdkAppId: APP, unknownItems: 'fail' });
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** The expected rows of a body, by a reading of its JSON that shares no code with the program. */
function expectWhole(rows: UserRows, body: string): void {
  const { ContactItem, GroupItem } = JSON.parse(body) as { ContactItem?: Item[]; GroupItem?: Item[] };
  const byId = new Map<string, Item>();
  for (const item of ContactItem ?? []) {
    const isC2c = String(item.Type) === '1';
    const peer = String(isC2c ? item.To_Account : item.ToGroupId);
    byId.set(`${isC2c ? 'c2c' : 'group'}_${peer}`, item);
  }
  expect(rows.conversations.map((row) => row.conversation_id)).toEqual([...byId.keys()]);
  for (const row of rows.conversations) {
    const item = byId.get(row.conversation_id) ?? {};
    expect(row.peer_id).toBe(row.conversation_id.replace(/^(c2c|group)_/, ''));
    expect(row.custom_mark).toBe(typeof item.CustomMark === 'string' ? stored(item.CustomMark) : null);
    expect(row.standard_mark).toBe(typeof item.StandardMark === 'string' ? item.StandardMark : null);
    const groups = new Set(
      ((item.ContactGroupId ?? []) as unknown[]).map((id) => String(BigInt(String(id)))),
    );
    const own = rows.memberships.filter((one) => one.conversation_id === row.conversation_id);
    expect(own.map((one) => one.contact_group_id)).toEqual([...groups]);
    const known = [
      'Type',
      'To_Account',
      'ToGroupId',
      'StandardMark',
      'CustomMark',
      'ContactGroupId',
      'Timestamp',
    ];
    const others = Object.keys(item).filter((name) => !known.includes(name));
    const extra = row.extra === null ? [] : Object.keys(JSON.parse(row.extra) as object);
    expect(extra.sort()).toEqual(others.map(stored).sort());
    if (typeof item.More === 'string')
      expect(JSON.parse(String(row.extra))).toMatchObject({ More: stored(item.More) });
  }
  const names = new Map(
    (GroupItem ?? []).map((group) => [String(BigInt(String(group.GroupId))), group.GroupName]),
  );
  expect(rows.contactGroups.map((row) => [row.contact_group_id, row.contact_group_name])).toEqual(
    [...names].map(([id, name]) => [id, stored(String(name))]),
  );
}

/** A field of COPY's text format as the server reads it (PostgreSQL's manual, COPY, "Text Format"). */
function copied(field: string): string | null {
  if (field === '\\N') return null;
  const letters: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f', v: '\v' };
  return field.replace(/\\(.)/gs, (_, character: string) => letters[character] ?? character);
}

/** Rows survive both ways out, whatever they hold, and stay rows. */
function expectExact(table: Table, rows: readonly Row[]): void {
  const names = columnNames(table);
  const texts = rows.map((row) => names.map((name) => (row[name] === null ? null : String(row[name]))));
  const csv = parse(csvText(table, rows), {
    cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
    record_delimiter: '\n',
  }) as unknown[];
  expect(csv).toEqual(texts);
  const lines = copyText(names, rows).split('\n');
  expect(lines.pop()).toBe('');
  // The only line that ends a COPY.
  expect(lines).not.toContain('\\.');
  const booleans: Readonly<Record<string, string>> = { t: 'true', f: 'false' };
  expect(
    lines.map((line) =>
      line.split('\t').map((field, i) => {
        const value = copied(field);
        return table.columns[i]?.type === 'boolean' && value !== null ? booleans[value] : value;
      }),
    ),
  ).toEqual(texts);
}

test(`each of ${bodies} bodies is understood whole or refused with a reason, and comes out exactly`, {
  timeout: 600_000 + bodies * 20,
}, () => {
  const seen: Record<string, number> = {};
  fc.assert(
    fc.property(anyBody, (body) => {
      const result = understood(body);
      const kind = result instanceof Error ? result.name : 'understood';
      seen[kind] = (seen[kind] ?? 0) + 1;
      if (!(result instanceof Error)) {
        expectWhole(result, body);
        expectExact(conversations, result.conversations);
        expectExact(contactGroups, result.contactGroups);
        expectExact(memberships, result.memberships);
        return;
      }
      expect(
        [CallError, PaginationError, InvalidPage].some((known) => result instanceof known),
        String(result.stack),
      ).toBe(true);
      expect(result.message.length).toBeLessThan(4_000);
      expect(ordersATerminal(printable(result.message))).toBe(false);
      const row = unexportedRow(USER, APP, result, 1);
      if (row !== null) expectExact(unexportedUsers, [row]);
    }),
    { numRuns: bodies },
  );
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  const share = (kind: string): number => (seen[kind] ?? 0) / bodies;
  expect(share('understood')).toBeGreaterThan(0.1);
  expect(share('InvalidPage')).toBeGreaterThan(0.1);
  expect(share('CallError')).toBeGreaterThan(0.05);
  expect(share('PaginationError')).toBeGreaterThan(0.005);
});

const MAX_BYTES = 8 * 1024 * 1024;
const filled = (head: string, piece: string, tail = ''): string =>
  head + piece.repeat(Math.floor((MAX_BYTES - head.length - tail.length) / piece.length)) + tail;
const sound = '{"ActionStatus":"OK","ErrorCode":0,"CompleteFlag":1,';

test.each([
  ['objects that never end', filled('', '{"a":')],
  [
    'items that are lists in lists',
    `${sound}"ContactItem":${'['.repeat(4_000_000)}${']'.repeat(4_000_000)}}`,
  ],
  ['countless empty items', filled(`${sound}"ContactItem":[`, '{},', '{}]}')],
  [
    'countless fields',
    filled(`${sound}"ContactItem":[{"Type":1,"To_Account":"p"`, ',"":1', '}]}')
      .replaceAll('"":', () => `"${Math.random()}":`)
      .slice(0, MAX_BYTES),
  ],
  ['one endless ID', filled(`${sound}"ContactItem":[{"Type":1,"To_Account":"`, '\\u0000', '"}]}')],
  ['one endless code', filled('{"ActionStatus":"OK","ErrorCode":"', '0', '"}')],
  ['one endless number', filled('{"ActionStatus":"OK","ErrorCode":', '9', '}')],
  ['one endless message', filled('{"ActionStatus":"FAIL","ErrorCode":90001,"ErrorInfo":"', '\\u001b', '"}')],
  [
    'one endless mark',
    filled(`${sound}"ContactItem":[{"Type":1,"To_Account":"p","StandardMark":"`, '2', '"}]}'),
  ],
])('a body of 8 MiB that is %s is refused in seconds and in few words', (_what, body) => {
  const before = process.cpuUsage();
  const result = understood(body);
  // Of the processor's time: what else the machine does is not counted.
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(20);
  expect(result).toBeInstanceOf(Error);
  expect((result as Error).message.length).toBeLessThan(4_000);
  expect([CallError, PaginationError, InvalidPage].some((known) => result instanceof known)).toBe(true);
});
