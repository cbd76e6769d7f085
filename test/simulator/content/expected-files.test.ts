import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeExpected } from '../../../src/simulator/content/expected-files.ts';
import type { ExpectedRow } from '../../../src/simulator/content/expected-row.ts';
import { expectedRows } from '../../../src/simulator/content/expected-rows.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'expected-'));
});
afterEach(() => rm(dir, { recursive: true }));

const options = {
  users: 300,
  oddities: true,
  oddUserIds: 0.3,
  notImported: 0.1,
  failing: 0.1,
  endless: 0.1,
  unreadable: 0.1,
  unknownTypes: 0.1,
  duplicates: 0.1,
  day: 2,
};

test('the files hold the same rows as the generator', async () => {
  await writeExpected(dir, options);
  const expected = new Map<ExpectedRow['table'], string[][]>();
  for await (const { table, row } of expectedRows(options)) {
    const rows = expected.get(table) ?? [];
    rows.push(Object.values(row).map((value) => (value === null ? '' : String(value))));
    expected.set(table, rows);
  }
  expect([...expected.keys()].sort()).toEqual([
    'contact_groups',
    'conversations',
    'exported_users',
    'memberships',
    'odd_users',
    'unexported_users',
  ]);
  for (const [table, rows] of expected) {
    const [header, ...read] = parse(await readFile(join(dir, `${table}.csv`)), { bom: false }) as string[][];
    expect(header?.slice(0, 2)).toEqual(['user_id', 'sdk_app_id']);
    expect(read).toEqual(rows);
  }
});

test('the list of users has all of them in order, some twice', async () => {
  await writeExpected(dir, options);
  const lines = (await readFile(join(dir, 'users.txt'), 'utf8')).split('\n');
  expect(lines.pop()).toBe('');
  expect(new Set(lines).size).toBe(300);
  expect(lines.length).toBeGreaterThan(310);
});

test('null is an empty field, the empty string is quoted, and no value ends a COPY', async () => {
  await writeExpected(dir, { ...options, users: 2_000 });
  const text = await readFile(join(dir, 'conversations.csv'), 'utf8');
  expect(text).toMatch(/,"",\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ,/);
  expect(text).toMatch(/,,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ,/);
  expect(text).toContain(',"\\.",');
  expect(text).not.toContain('\0');
  expect(text).toContain('\ufffd');
});

test('the marks are read from the last character', async () => {
  for await (const { table, row } of expectedRows({ users: 50 })) {
    if (table !== 'conversations') continue;
    const mark = row.standard_mark;
    expect([row.is_starred, row.is_marked_unread, row.is_folded, row.is_hidden]).toEqual(
      [1, 2, 3, 4].map((n) => (mark === null ? null : mark.at(-n) === '1')),
    );
  }
});
