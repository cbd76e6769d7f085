import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exists } from '../../../../../src/destinations/exists.ts';
import { FileDestination } from '../../../../../src/destinations/files/file-destination.ts';
import { csvHeader, csvText } from '../../../../../src/destinations/files/formats/csv-text.ts';
import { DuckDb } from '../../../../../src/destinations/files/formats/parquet/duckdb.ts';
import { partContent, partRows } from '../../../../../src/destinations/files/formats/parquet/read-parts.ts';
import {
  type PartSize,
  writeParts,
} from '../../../../../src/destinations/files/formats/parquet/write-parts.ts';
import type { Row, Table } from '../../../../../src/rows/table.ts';
import {
  contactGroups,
  conversations,
  memberships,
  unexportedUsers,
} from '../../../../../src/rows/tables.ts';
import { temporaryDirectory } from '../../../../support/directory.ts';
import { parquetObjects } from '../../../../support/parquet.ts';
import { all } from '../../../samples.ts';

/** Makes part files of rows, in a directory that has the name of their table. */
async function written(
  directory: string,
  table: Table,
  rows: readonly Row[],
  size?: PartSize,
): Promise<void> {
  const path = join(directory, `${table.name}.csv`);
  await writeFile(path, csvHeader(table) + csvText(table, rows));
  using duckDb = await DuckDb.open(join(directory, 'temporary'));
  await writeParts(duckDb, table, { path, rows: rows.length }, join(directory, table.name), size);
}

/** A row as the other reader gives it: whole numbers as BigInt, instants as Date. */
const asRead = ({ columns }: Table, row: Row): Record<string, unknown> =>
  Object.fromEntries(
    columns.map(({ name, type }) => {
      const value = row[name] ?? null;
      if (value === null) return [name, null];
      if (type === 'bigint') return [name, BigInt(value)];
      return [name, type === 'timestamptz' ? new Date(String(value)) : value];
    }),
  );

const nasty = [
  '',
  ' ',
  '"',
  '""',
  ',',
  '\n',
  '\r\n',
  '","',
  '\\N',
  'NULL',
  'null',
  "'",
  '用户',
  '🎉',
  '\u0001',
  'é',
  '\ufeff',
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'grapheme' })), { maxLength: 6 })
  .map((parts) => parts.join('').replaceAll('\0', '').toWellFormed());
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(one);
const instant = fc
  .integer({ min: 1, max: Date.UTC(2100, 0) / 1_000 - 1 })
  .map((seconds) => new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z'));
const conversation = fc.record({
  user_id: text,
  sdk_app_id: fc.constantFrom<string | number>(1400000000, '9007199254740993', '-9223372036854775808'),
  conversation_id: text,
  conversation_type: fc.constantFrom('c2c', 'group'),
  peer_id: text,
  standard_mark: maybe(text),
  is_starred: maybe(fc.boolean()),
  is_marked_unread: maybe(fc.boolean()),
  is_folded: maybe(fc.boolean()),
  is_hidden: maybe(fc.boolean()),
  custom_mark: maybe(text),
  source_updated_at: maybe(instant),
  extra: maybe(fc.json()),
});

test('every value comes back as it was from both readers: null, the empty text, whole numbers, instants, lines', async () => {
  const directory = await temporaryDirectory();
  await fc.assert(
    fc.asyncProperty(fc.array(conversation, { maxLength: 30 }), async (rows) => {
      await written(directory, conversations, rows);
      expect(await parquetObjects(directory, conversations)).toEqual(
        rows.map((row) => asRead(conversations, row)),
      );
      const fields = rows.map((row) =>
        conversations.columns.map(({ name }) => (row[name] === null ? null : String(row[name]))),
      );
      expect(await all(partRows(join(directory, conversations.name), conversations))).toEqual(fields);
    }),
    { numRuns: 25 },
  );
});

test('a query sees the types: an instant is one in UTC, and null is not empty', async () => {
  const directory = await temporaryDirectory();
  const row = {
    user_id: 'u',
    sdk_app_id: 1,
    conversation_id: 'c2c_p',
    conversation_type: 'c2c',
    peer_id: 'p',
  };
  await written(directory, conversations, [
    { ...row, custom_mark: '', is_folded: false, source_updated_at: '2026-11-22T03:00:00Z' },
    { ...row, custom_mark: null, is_folded: null, source_updated_at: null },
  ]);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const source = `read_parquet('${directory}/conversations/*.parquet')`;
  const described = await connection.runAndReadAll(`describe select * from ${source}`);
  expect(described.getRows().map(([name, type]) => `${name} ${type}`)).toEqual([
    'user_id VARCHAR',
    'sdk_app_id BIGINT',
    'conversation_id VARCHAR',
    'conversation_type VARCHAR',
    'peer_id VARCHAR',
    'standard_mark VARCHAR',
    'is_starred BOOLEAN',
    'is_marked_unread BOOLEAN',
    'is_folded BOOLEAN',
    'is_hidden BOOLEAN',
    'custom_mark VARCHAR',
    'source_updated_at TIMESTAMP WITH TIME ZONE',
    'extra VARCHAR',
  ]);
  const found = await connection.runAndReadAll(
    `select custom_mark, is_folded, epoch(source_updated_at)::bigint from ${source}`,
  );
  connection.closeSync();
  instance.closeSync();
  expect(found.getRows()).toEqual([
    ['', false, BigInt(Date.UTC(2026, 10, 22, 3) / 1_000)],
    [null, null, null],
  ]);
});

test('a large table is cut into part files, whose names are in the order of its rows', async () => {
  const directory = await temporaryDirectory();
  const rows = Array.from({ length: 25_000 }, (_, i) => ({
    user_id: `u${i}`,
    sdk_app_id: 1,
    contact_group_id: i,
    conversation_id: 'c2c_p',
  }));
  await written(directory, memberships, rows, { rowsPerGroup: 2_048, groupsPerPart: 1 });
  const names = await readdir(join(directory, memberships.name));
  expect(names.sort()).toEqual(
    Array.from({ length: 13 }, (_, i) => `part-${String(i).padStart(5, '0')}.parquet`),
  );
  const found = await parquetObjects(directory, memberships);
  expect(found.map(({ contact_group_id: id }) => Number(id))).toEqual(rows.map((_, i) => i));
});

test('a table without rows is a part file that has its columns', async () => {
  const directory = await temporaryDirectory();
  await written(directory, unexportedUsers, []);
  expect(await readdir(join(directory, unexportedUsers.name))).toEqual(['part-00000.parquet']);
  expect(await parquetObjects(directory, unexportedUsers)).toEqual([]);
});

test.each([
  ['look like rows', 'x\nuser9,1400000000,1,evil,\n'.repeat(400)],
  ['end and begin quotes', '"\nuser9,1400000000,1,"evil",\n'.repeat(400)],
  ['are empty lines', '\n'.repeat(9_000)],
])('names that %s are names, wherever the file is cut for reading', async (_, name) => {
  const directory = await temporaryDirectory();
  const rows = Array.from({ length: 800 }, (_, i) => ({
    user_id: `u${i}`,
    sdk_app_id: 1,
    contact_group_id: i,
    contact_group_name: name,
    extra: null,
  }));
  await written(directory, contactGroups, rows);
  const found = await parquetObjects(directory, contactGroups);
  expect(found.map(({ contact_group_id: id }) => Number(id))).toEqual(rows.map((_, i) => i));
  expect(found.every((row) => row.contact_group_name === name)).toBe(true);
});

// The first reading takes 2 MiB at a time, and guesses where a row begins after that.
test('a name with the lines of a row is a name, whichever of its bytes is the last of a piece', async () => {
  const name = 'x\nmm,1400000000,5,zz';
  const row = (id: number, name: string) => ({
    user_id: `user${String(id).padStart(7, '0')}`,
    sdk_app_id: 1,
    contact_group_id: id,
    contact_group_name: name,
    extra: null,
  });
  const filler = Array.from({ length: 2_300 }, (_, i) => row(i, 'n'.repeat(850)));
  const bytesBefore = (csvHeader(contactGroups) + csvText(contactGroups, filler)).length;
  for (let last = 0; last < 42; last += 1) {
    const directory = await temporaryDirectory();
    const gap = 2 * 1024 * 1024 - bytesBefore - last - csvText(contactGroups, [row(2_300, '')]).length;
    const rows = [
      ...filler,
      row(2_300, 'm'.repeat(gap)),
      row(2_301, name),
      ...Array.from({ length: 2_500 }, (_, i) => row(2_302 + i, 'n'.repeat(850))),
    ];
    await written(directory, contactGroups, rows);
    const found = await parquetObjects(directory, contactGroups);
    expect(found.map((one) => [one.user_id, one.contact_group_name])).toEqual(
      rows.map((one) => [one.user_id, one.contact_group_name]),
    );
  }
});

test('a row as large as an answer can be is written', async () => {
  const directory = await temporaryDirectory();
  const extra = JSON.stringify({ x: '"'.repeat(2_000_000) });
  const row = { user_id: 'u', sdk_app_id: 1, contact_group_id: 1, contact_group_name: '', extra };
  await written(directory, contactGroups, [row]);
  expect(await parquetObjects(directory, contactGroups)).toEqual([asRead(contactGroups, row)]);
});

test.each([
  ['a pattern', "it's [a-z] *?"],
  ['every pattern', '** [!a]{b,c}'],
  ['escapes', String.raw`a\b\\c`],
  ['SQL', `'); drop "x"; --`],
  ['a partition of this column', 'user_id=x'],
  ['a partition of another type', 'contact_group_id=many'],
  ['a partition of a day', 'dt=2026-11-30'],
  ['partitions within partitions', 'sdk_app_id=99/conversation_id=c2c_%70/a=b=c'],
  ['a name of DuckDB’s own', '{i} {uuid} filename=1'],
  ['a home', '~'],
  ['a URL', 's3:/bucket'],
  ['a compressed file', 'export.csv.gz'],
  ['an encoded name', '100%25 %s'],
  ['letters beyond ASCII', 'Ausfuhr für 用户 🎉'],
  ['lines', 'two\nlines\r'],
  ['a long way', Array(14).fill('n'.repeat(250)).join('/')],
])('rows are those that were written in a directory whose path reads as %s', async (_, name) => {
  const directory = join(await temporaryDirectory(), name);
  await mkdir(directory, { recursive: true });
  const row = { user_id: 'u', sdk_app_id: 1, contact_group_id: 1, conversation_id: 'c2c_p' };
  await written(directory, memberships, [row]);
  expect(await parquetObjects(directory, memberships)).toEqual([asRead(memberships, row)]);
  const place = join(directory, memberships.name);
  expect(await all(partRows(place, memberships))).toEqual([['u', '1', '1', 'c2c_p']]);
  expect(await partContent(place, memberships)).toMatchObject({ rows: 1, problem: null });
});

test('a directory that DuckDB cannot name is refused, with the next step', async () => {
  const directory = join(await temporaryDirectory(), String.raw`a\*b`);
  await expect(FileDestination.open(directory, 1400000000, 'parquet')).rejects.toThrow(
    /cannot name files below .+: expected a path without a backslash beside \*, \? or \[; choose another directory/,
  );
  expect(await exists(directory)).toBe(false);
});

test('a file with fewer rows than were written is damage', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'memberships.csv');
  await writeFile(path, csvHeader(memberships));
  using duckDb = await DuckDb.open(null);
  await expect(
    writeParts(duckDb, memberships, { path, rows: 1 }, join(directory, 'memberships')),
  ).rejects.toThrow(/reads 0 rows in .+memberships\.csv, not the 1 that were written/);
});
