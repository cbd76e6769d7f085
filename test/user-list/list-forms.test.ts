import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openListFile } from '../../src/user-list/list-file.ts';
import { read } from './list-file.ts';

test.each([
  ['users.txt', 'a\nb\n'],
  ['users', 'a\nb\n'],
  ['users.csv', 'user_id\na\nb\n'],
  ['USERS.CSV', 'user_id\na\nb\n'],
  ['users.jsonl', '"a"\n"b"\n'],
  ['users.ndjson', '"a"\n"b"\n'],
])(
  'the name %s gives the format, gzipped or not, whatever the name says about that',
  async (name, content) => {
    expect(await read(content, { name })).toEqual(['a', 'b']);
    expect(await read(gzipSync(content), { name })).toEqual(['a', 'b']);
    expect(await read(gzipSync(content), { name: `${name}.gz` })).toEqual(['a', 'b']);
    expect(await read(content, { name: `${name}.gz` })).toEqual(['a', 'b']);
  },
);

test.each(['tsv', 'json', 'parquet', 'xlsx', 'TSV', 'json.gz'])(
  'a list in .%s is refused with what can be read',
  (ending) => {
    expect(() => openListFile(`/x/users.${ending}`, null)).toThrow(
      /^\/x\/users\..*: a list in the format \.\w+ cannot be read; give \.csv with a header, \.jsonl, or one user ID a line$/,
    );
  },
);

test('a column of a list that has none is refused', () => {
  expect(() => openListFile('users.txt', 'id')).toThrow(
    /^--user-column "id": users\.txt is read as one user ID a line/,
  );
});
