import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { problemsIn, read } from '../list-file.ts';

const bytes = (...all: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat(all.map((one) => (typeof one === 'string' ? Buffer.from(one, 'latin1') : Buffer.from(one))));
const zip = (name: string): Buffer =>
  bytes('PK\x03\x04\x14\0\0\0\x08\0', '\0'.repeat(20), name, '\0\x01\x02');

describe.each(['users.txt', 'users.csv.gz', 'users.jsonl'])('in %s, content that is', (name) => {
  test.each<[string, Buffer, string]>([
    ['gzipped twice', gzipSync(gzipSync('user_id\nalice\n')), 'gzipped twice; compress it once'],
    ['bzip2', bytes('BZh91AY&SY', [0, 1, 2]), 'compressed with bzip2; unpack it'],
    [
      'an empty bzip2',
      bytes('BZh9', [0x17, 0x72, 0x45, 0x38, 0x50, 0x90], [0, 0, 0, 0]),
      'compressed with bzip2; unpack it',
    ],
    ['Zstandard', bytes([0x28, 0xb5, 0x2f, 0xfd, 4, 0x58]), 'compressed with Zstandard; unpack it'],
    ['xz', bytes([0xfd], '7zXZ\0\0'), 'compressed with xz; unpack it'],
    ['7-Zip', bytes('7z', [0xbc, 0xaf, 0x27, 0x1c]), 'a 7-Zip archive; unpack it'],
    ['a ZIP archive', zip('users.csv'), 'a ZIP archive; unpack it'],
    [
      'an Excel file',
      zip('[Content_Types].xml'),
      'an Excel file (.xlsx); save it as CSV with commas and a header, in UTF-8',
    ],
    [
      'an old Excel file',
      bytes([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
      'an Excel file (.xls); save it as CSV with commas and a header, in UTF-8',
    ],
    [
      'an OpenDocument file',
      zip('mimetypeapplication/vnd.oasis.opendocument.spreadsheet'),
      'an OpenDocument spreadsheet (.ods); save it as CSV with commas and a header, in UTF-8',
    ],
    ['a tar archive', bytes('users.csv', '\0'.repeat(248), 'ustar  \0'), 'a tar archive; unpack it'],
    [
      'a gzipped tar archive',
      gzipSync(bytes('users.csv', '\0'.repeat(248), 'ustar\x0000')),
      'a tar archive; unpack it',
    ],
    ['Parquet', bytes('PAR1', [0x15, 4, 0x15, 0]), 'a Parquet file; write the user IDs into a CSV'],
    ['SQLite', bytes('SQLite format 3\0', [0x10, 0]), 'a SQLite database; write the user IDs into a CSV'],
    [
      'an HTML page',
      bytes('\n<!DOCTYPE html>\n<html>'),
      'an HTML page; look at what wrote or downloaded it, and give a list',
    ],
    ['UTF-16 with a mark', Buffer.from('\ufeffuser_id\nalice\n', 'utf16le'), 'UTF-16; save it as UTF-8'],
    ['UTF-16 without one', Buffer.from('alice\n', 'utf16le').swap16(), 'UTF-16; save it as UTF-8'],
    ['UTF-16 of letters without zeros', Buffer.from('管理员\n用户\n', 'utf16le'), 'UTF-16; save it as UTF-8'],
    [
      'the same, the other way round',
      Buffer.from('管理员\n用户\n', 'utf16le').swap16(),
      'UTF-16; save it as UTF-8',
    ],
    ['UTF-32 with a mark', bytes([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), 'UTF-32; save it as UTF-8'],
    [
      'UTF-32 with a mark, the other way round',
      bytes([0, 0, 0xfe, 0xff, 0, 0, 0, 0x61]),
      'UTF-32; save it as UTF-8',
    ],
    ['UTF-32 without one', bytes([0x61, 0, 0, 0, 0x62, 0, 0, 0]), 'UTF-32; save it as UTF-8'],
  ])('%s is reported as that', async (_, content, problem) => {
    expect(await problemsIn(content, { name })).toEqual([`LIST:1: the file is ${problem}`]);
  });
});

test.each(['BZh9', 'PAR1', 'PAR1user', 'ORC', 'ORCA', 'PK1', 'Obj1', 'PGDMP', 'Rar!', '7z', '管理员'])(
  'an ID that begins like such a file is read: %s',
  async (id) => {
    expect(await read(`${id}\nbob\n`)).toEqual([id, 'bob']);
  },
);

test('U+0000 before a line end is a character of its line, and not the mark of UTF-16', async () => {
  const content = 'user_id,name\nalice,A\0\nbob,B\n';
  expect(await read(content, { name: 'users.csv' })).toEqual(['alice', 'bob']);
});
