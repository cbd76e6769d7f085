import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { from } from 'pg-copy-streams';
import { expect, test } from 'vitest';
import { csvHeader, csvText } from '../../../src/destinations/files/formats/csv-text.ts';
import { writeDurably } from '../../../src/destinations/files/storage/durable-file.ts';
import type { Cell, Row, Table } from '../../../src/rows/table.ts';
import { columnNames } from '../../../src/rows/table.ts';
import { conversations } from '../../../src/rows/tables.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { PostgresGround } from '../postgres/ground.ts';

const postgres = new PostgresGround();

const nasty = [
  '',
  ' ',
  '\\.',
  '\\N',
  'NULL',
  'null',
  '"',
  '""',
  '","',
  ',',
  ';',
  '\t',
  '\n',
  '\r',
  '\r\n',
  'a\rb',
  '\n\\.\n',
  'x\n\\.\ny',
  "'",
  '\\',
  '\\n',
  '=1+1',
  '@x',
  '-1',
  '\ufeffbom',
  ' padded ',
  'ü',
  '中文',
  '𝄞',
  'a\u2028b',
  '\u0001',
  '\u007f',
  'true',
  '#',
];

const conversation = (text: string, place: number): Row => ({
  user_id: text,
  sdk_app_id: 1400000001,
  conversation_id: `c2c_${place}`,
  conversation_type: 'c2c',
  peer_id: text,
  standard_mark: text,
  is_starred: true,
  is_marked_unread: false,
  is_folded: null,
  is_hidden: null,
  custom_mark: null,
  source_updated_at: '2026-11-22T03:00:00Z',
  extra: JSON.stringify({ [text]: [text, null, 1.5, { n: true }] }),
});

const texts: Table = {
  name: 'texts',
  description: '',
  columns: [
    { name: 'place', type: 'bigint', description: '' },
    { name: 'value', type: 'text', nullable: true, description: '' },
  ],
  key: ['place'],
};

/** Reads a file the way its readers do: the server's own COPY, into a table made from the columns. */
async function copied(table: Table, rows: readonly Row[]): Promise<Record<string, unknown>[]> {
  const directory = join(await temporaryDirectory(), 'csv');
  await mkdir(directory);
  const path = join(directory, 'rows.csv');
  await writeDurably(path, [csvHeader(table), csvText(table, rows)]);
  const client = await postgres.connect();
  try {
    const columns = table.columns.map(({ name, type }) => `${name} ${type}`).join(', ');
    await client.query(
      `create temporary table copied (place_ bigint generated always as identity, ${columns})`,
    );
    const names = columnNames(table).join(', ');
    await pipeline(
      createReadStream(path),
      client.query(from(`copy copied (${names}) from stdin (format csv, header match)`)),
    );
    // As text, so that no driver has a say.
    const shown = table.columns.map(({ name, type }) =>
      type === 'timestamptz'
        ? `to_char(${name} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as ${name}`
        : type === 'jsonb' || type === 'boolean'
          ? name
          : `${name}::text as ${name}`,
    );
    return (await client.query(`select ${shown.join(', ')} from copied order by place_`)).rows;
  } finally {
    await client.end();
  }
}

test('writes rows byte for byte as promised', () => {
  const row = conversation('a', 1);
  const text = csvText(conversations, [
    { ...row, standard_mark: '', custom_mark: null },
    {
      ...row,
      user_id: 'say "hi", you',
      standard_mark: 'two\nlines',
      custom_mark: 'a\rb',
      source_updated_at: null,
    },
    { ...row, user_id: '中𝄞 ', standard_mark: '\\.', custom_mark: ' ', is_starred: null, extra: null },
  ]);
  const extra = '"{""a"":[""a"",null,1.5,{""n"":true}]}"';
  expect(text).toBe(
    `a,1400000001,c2c_1,c2c,a,"",true,false,,,,2026-11-22T03:00:00Z,${extra}\n` +
      `"say ""hi"", you",1400000001,c2c_1,c2c,a,"two\nlines",true,false,,,"a\rb",,${extra}\n` +
      '中𝄞 ,1400000001,c2c_1,c2c,a,\\.,,false,,, ,2026-11-22T03:00:00Z,\n',
  );
  expect(csvHeader(conversations)).toBe(
    'user_id,sdk_app_id,conversation_id,conversation_type,peer_id,standard_mark,is_starred,is_marked_unread,' +
      'is_folded,is_hidden,custom_mark,source_updated_at,extra\n',
  );
});

test("is read back exactly by the server's COPY, whatever the values", async () => {
  const rows = nasty.map(conversation);
  const expected = rows.map((row) => ({
    ...row,
    sdk_app_id: String(row.sdk_app_id),
    extra: JSON.parse(String(row.extra)) as unknown,
  }));
  expect(await copied(conversations, rows)).toEqual(expected);
});

test('is read back exactly for random texts', async () => {
  const text = fc.option(
    fc.oneof(
      fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '\\', '.', 'N', ' ', 'a', '\t') }),
      fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', '')),
    ),
  );
  const values: Cell[] = fc.sample(text, 3_000);
  const rows = values.map((value, place) => ({ place, value }));
  expect(await copied(texts, rows)).toEqual(rows.map((row) => ({ ...row, place: String(row.place) })));
});
