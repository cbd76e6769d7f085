import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DestinationError } from '../../../src/destinations/contract/destination-error.ts';
import { csvFormat } from '../../../src/destinations/files/formats/csv-format.ts';
import { csvHeader, csvText } from '../../../src/destinations/files/formats/csv-text.ts';
import { rowsIn } from '../../../src/destinations/files/formats/row-file.ts';
import { unexportedIn } from '../../../src/destinations/files/formats/unexported-rows.ts';
import { type UnexportedUserRow, unexportedUsers } from '../../../src/rows/tables.ts';
import { temporaryDirectory } from '../../support/directory.ts';

const pieces = ['', ' ', ',', '"', '""', '\n', '\r\n', '","', 'a', '用户', '🎉', '-1'];
const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string())).map((parts) => parts.join(''));
const row: fc.Arbitrary<UnexportedUserRow> = fc.record({
  user_id: fc.string({ minLength: 1 }),
  sdk_app_id: fc.constant(1400000000),
  reason: fc.constantFrom('api_error', 'invalid_page'),
  error_code: fc.option(fc.nat()),
  error_info: fc.option(text),
  calls: fc.nat(),
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('what was written is read back as it was, whatever the texts hold', async () => {
  const path = join(await temporaryDirectory(), 'unexported_users.csv');
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
      await writeFile(path, csvHeader(unexportedUsers) + csvText(unexportedUsers, rows));
      expect(await all(unexportedIn(() => rowsIn(path, csvFormat)))).toEqual(rows);
    }),
    { numRuns: 50 },
  );
});

test('uncommitted rows are not read, and a missing file has no rows', async () => {
  const path = join(await temporaryDirectory(), 'unexported_users.csv');
  expect(await all(rowsIn(path, csvFormat, 1_000))).toEqual([]);
  const header = csvHeader(unexportedUsers);
  await writeFile(path, `${header}u1,1,invalid_page,,"a\nb",1\nu2,1,page_`);
  const committed = header.length + 'u1,1,invalid_page,,"a\nb",1\n'.length;
  expect(await all(rowsIn(path, csvFormat, committed))).toEqual([
    ['u1', '1', 'invalid_page', null, 'a\nb', '1'],
  ]);
});

test.each([
  ['its last field', 'u2,1,invalid_'],
  ['a text in quotes', 'u2,1,invalid_page,,"a\nb'],
])('a row that was cut off within %s is not a row', async (_, rest) => {
  const path = join(await temporaryDirectory(), 'unexported_users.csv');
  await writeFile(path, `${csvHeader(unexportedUsers)}u1,1,invalid_page,,,1\n${rest}`);
  expect(await all(rowsIn(path, csvFormat))).toEqual([['u1', '1', 'invalid_page', null, null, '1']]);
});

test('a file that is no CSV any more is reported as damaged', async () => {
  const path = join(await temporaryDirectory(), 'unexported_users.csv');
  await writeFile(path, `${csvHeader(unexportedUsers)}u1,1,inv"alid_page,,,1\n`);
  const error = await all(rowsIn(path, csvFormat)).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DestinationError);
  expect(String(error)).toContain(`${path} is damaged`);
});
