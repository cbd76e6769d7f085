import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type CsvRecord,
  csvRecords,
  isUnreadable,
} from '../../../../src/destinations/files/formats/csv-records.ts';
import { csvHeader, csvText } from '../../../../src/destinations/files/formats/csv-text.ts';
import { columnNames } from '../../../../src/rows/table.ts';
import { unexportedUsers } from '../../../../src/rows/tables.ts';

async function* inPieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length);
}

async function recordsOf(text: string, length = 64): Promise<CsvRecord[]> {
  const found: CsvRecord[] = [];
  for await (const record of csvRecords(inPieces(Buffer.from(text), length))) found.push(record);
  return found;
}

const field = fc.option(
  fc
    .array(fc.oneof(fc.constantFrom('', ',', '"', '\n', '\r', '\ufeff', '用户', '🎉'), fc.string()))
    .map((texts) => texts.join('')),
);

test('records come back as they were written, wherever the pieces of a file end', async () => {
  const columns = columnNames(unexportedUsers);
  const fields = fc.tuple(...columns.map(() => field));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fields, { maxLength: 5 }),
      fc.integer({ min: 1, max: 40 }),
      async (rows, length) => {
        const written = rows.map((row) =>
          Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null])),
        );
        const text = csvHeader(unexportedUsers) + csvText(unexportedUsers, written);
        expect(await recordsOf(text, length)).toEqual([columns, ...rows]);
      },
    ),
    { numRuns: 100 },
  );
});

test('an empty field is null without quotes and the empty text with them', async () => {
  expect(await recordsOf('a,b\n,""\n')).toEqual([
    ['a', 'b'],
    [null, ''],
  ]);
});

test.each([
  ['a quote within a text without quotes', 'a,b\nx"y,z\n'],
  ['text after a closing quote', 'a,b\n"x"y,z\n'],
  ['a quote that is never closed', 'a,b\n"x,y\n'],
  ['a line that is far longer than any row', `a\n${'x'.repeat(17 * 1024 * 1024)}`],
  ['a record that is far longer than any row', `a\n"${`${'x'.repeat(1024 * 1024)}\n`.repeat(17)}`],
])('%s cannot be read', async (_, text) => {
  const error = await recordsOf(text, 1024 * 1024).catch((caught: unknown) => caught);
  expect(isUnreadable(error)).toBe(true);
});

test('a rest without a line feed at the end is not a record', async () => {
  expect(await recordsOf('a,b\nx,y\nz')).toEqual([
    ['a', 'b'],
    ['x', 'y'],
  ]);
});
