import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvRows } from '../../src/user-list/formats/csv-rows.ts';
import type { ListEntry, ListSource } from '../../src/user-list/list-source.ts';
import { problemsIn, read } from './list-file.ts';

const csv = { name: 'users.csv' };

describe('the column of the user IDs is', () => {
  test.each<[string, string, string | undefined]>([
    ['the one that is named', 'n,id\n1,a\n2,b\n', 'id'],
    ['the one that is named, before user_id', 'user_id,id\n1,a\n2,b\n', 'id'],
    ['user_id', 'n,user_id\n1,a\n2,b\n', undefined],
    ['user_id as the only one', 'user_id\na\nb\n', undefined],
    ['user_id in capitals', 'N,USER_ID\n1,a\n2,b\n', undefined],
    ['user_id in mixed case, as the only one', 'User_Id\na\nb\n', undefined],
    ['the one that is named, in another case', 'n,Id\n1,a\n2,b\n', 'ID'],
    ['the one that is named as it is written, before one in another case', 'ID,id\n1,a\n2,b\n', 'id'],
    ['user_id, before one in another case', 'USER_ID,user_id\n1,a\n2,b\n', undefined],
    ['the only one, when it is named', 'UserID\na\nb\n', 'UserID'],
    ['named with another separator', 'user;id\na\nb\n', 'user;id'],
    ['named with any text', '"the, ""ID"""\na\nb\n', 'the, "ID"'],
  ])('%s', async (_, content, column) => {
    expect(await read(content, { ...csv, ...(column === undefined ? {} : { column }) })).toEqual(['a', 'b']);
  });

  test.each<[string, string, string | undefined, string]>([
    [
      'not to be guessed',
      'a,b\n1,2\n',
      undefined,
      'LIST:1: which column holds the user IDs? Name it with --user-column; the columns are "a", "b"',
    ],
    [
      'called so twice, in two cases',
      'USER_ID,User_Id\n1,a\n',
      undefined,
      'LIST:1: more than one column is called "user_id"; name another one with --user-column; the columns are "USER_ID", "User_Id"',
    ],
    [
      'the only one and called otherwise',
      'UserID\na\nb\n',
      undefined,
      'LIST:1: which column holds the user IDs? Name it with --user-column; the only one is "UserID"; if that is a user, write the header user_id above it',
    ],
    [
      'cut by semicolons',
      'user_id;name\na;A\nb;B\n',
      undefined,
      'LIST:1: which column holds the user IDs? Name it with --user-column; the only one is "user_id;name"; the separator must be a comma, not ";"',
    ],
    [
      'named and cut by semicolons',
      'user_id;name\na;A\nb;B\n',
      'user_id',
      'LIST:1: there is no column "user_id" (--user-column); the only one is "user_id;name"; the separator must be a comma, not ";"',
    ],
    [
      'named and cut by tabs',
      '"user_id\tname"\na\tA\n',
      'user_id',
      'LIST:1: there is no column "user_id" (--user-column); the only one is "user_id\\tname"; the separator must be a comma, not "\\t"',
    ],
    [
      'cut by bars',
      '\nname|user_id\r\nA|a\r\n',
      undefined,
      'LIST:2: which column holds the user IDs? Name it with --user-column; the only one is "name|user_id"; the separator must be a comma, not "|"',
    ],
    [
      'not the only one that there is',
      'id\na\n',
      'user_id',
      'LIST:1: there is no column "user_id" (--user-column); the only one is "id"',
    ],
    [
      'not there',
      '\n\nuser_id,b\n1,2\n',
      'c',
      'LIST:3: there is no column "c" (--user-column); the columns are "user_id", "b"',
    ],
    [
      'there twice',
      'user_id,user_id\n1,2\n',
      undefined,
      'LIST:1: more than one column is called "user_id"; name another one with --user-column',
    ],
  ])('refused where it is %s', async (_, content, column, problem) => {
    const reading = column === undefined ? csv : { ...csv, column };
    expect(await problemsIn(content, reading)).toEqual([problem]);
  });
});

test.each([
  ['LF', 'user_id,n\na,1\nb,2\n'],
  ['CRLF', 'user_id,n\r\na,1\r\nb,2\r\n'],
  ['both', 'user_id,n\r\na,1\nb,2'],
  ['a byte order mark', '\ufeffuser_id,n\na,1\nb,2\n'],
  ['a byte order mark and quotes', '\ufeff"user_id","n"\r\n"a","1"\r\n"b","2"\r\n'],
  ['empty lines', '\n\r\nuser_id,n\n\na,1\r\n\r\n\nb,2\n\n'],
  ['line ends in quotes', '"n","user_id"\n"1\n\r\n","a"\n"\n",b\n'],
  ['quotes in quotes', 'n,user_id\n"""",a\n"""\n""",b\n'],
  ['empty fields', 'n,user_id,m\n,a,\n,b,\n'],
])('a CSV with %s holds its users', async (_, content) => {
  expect(await read(content, csv)).toEqual(['a', 'b']);
});

test.each([
  ['', 'nothing'],
  ['user_id\n', 'a header'],
  ['user_id,n\n\n\r\n', 'a header and empty lines'],
])('a CSV of %j holds no user and is refused', async (content) => {
  expect(await problemsIn(content, csv)).toEqual(['LIST holds no user ID']);
});

test('each bad row is reported by the line where it begins, line ends within quotes counted', async () => {
  const bytes = Buffer.concat([
    Buffer.from('user_id,note\na,"1\n2\r\n3"\n'),
    Buffer.from('caf\xe9,x\n', 'latin1'),
    Buffer.from(`"b\nc",x\r\n,x\n"",x\n\nok\n${'y'.repeat(33)},"\n"\nd,\ne,1,2\n" f",x\n"g\0",x\n"h",x`),
  ]);
  expect(await problemsIn(bytes, csv)).toEqual([
    'LIST:5: not UTF-8: "caf\ufffd"; save the list as UTF-8',
    'LIST:6: a line break in the ID (U+000A): "b\\nc"; lines end in LF or CRLF',
    'LIST:8: the user ID is empty',
    'LIST:9: the user ID is empty',
    'LIST:11: the row has 1 field, the header has 2',
    expect.stringMatching(/^LIST:12: a user ID has at most 32 bytes/),
    'LIST:15: the row has 3 fields, the header has 2',
    'LIST:16: white space around the ID (U+0020): " f"; remove it',
    'LIST:17: an invisible character around the ID (U+0000): "g\\u0000"; remove it',
  ]);
});

describe('a CSV with broken quotes is refused at once, by the line where the row begins,', () => {
  test.each<[string, string, RegExp]>([
    [
      'where a quote is never closed',
      'user_id\na\n"b\nc\nd',
      /^LIST:3: a quote is opened .* and never closed$/,
    ],
    [
      'where something follows a closing quote',
      'user_id\n"a\nb"c\nd\n',
      /^LIST:2: .*follows a closing quote/,
    ],
    [
      'where a quote stands in a bare field',
      'user_id,n\na,the "best"\nb,1\n',
      /^LIST:2: .*inside a field without quotes/,
    ],
  ])('%s', async (_, content, problem) => {
    for (const maxBad of [0, 1_000]) {
      expect(await problemsIn(content, { ...csv, maxBad })).toEqual([expect.stringMatching(problem)]);
    }
  });

  test('also behind bad lines that may pass', async () => {
    const content = `user_id\n${'x'.repeat(40)}\n"b`;
    expect(await problemsIn(content, { ...csv, maxBad: 9 })).toEqual([
      expect.stringMatching(/^LIST:3: a quote is opened/),
    ]);
  });
});

test('a header in another encoding is reported as such', async () => {
  expect(await problemsIn(Buffer.from('user_id,pr\xe9nom\na,b\n', 'latin1'), csv)).toEqual([
    'LIST:1: the header is not UTF-8; save the file as UTF-8',
  ]);
});

/** The entries of a CSV that arrives in these pieces. */
async function entriesOf(
  pieces: readonly Buffer[],
  { column = 'id', format = 'csv' }: Partial<Pick<ListSource, 'column' | 'format'>> = {},
): Promise<ListEntry[]> {
  const bytes = (async function* () {
    yield* pieces;
  })();
  const source = { name: 'L', format, isStream: false, column, mayBeEmpty: false, bytes, place: String };
  const found: ListEntry[] = [];
  for await (const entries of csvRows(source)) found.push(...entries);
  return found;
}

test.each(['n', 'a;b'])('the only column of a query is the one, though it is called %j', async (name) => {
  const entries = await entriesOf([Buffer.from(`${name}\n1\n2\n`)], { column: null, format: 'rows' });
  expect(entries.map(({ id }) => id?.toString())).toEqual(['1', '2']);
});

test('rows cut at any boundaries are the rows that were written, each with its line', async () => {
  const field = fc.string({
    unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r\n', '\r', ' ', '\0'),
    maxLength: 6,
  });
  const row = fc.tuple(field, field, field);
  await fc.assert(
    fc.asyncProperty(
      fc.array(row),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.array(fc.integer({ min: 0, max: 9 })),
      async (rows, lineEnd, quoted, sizes) => {
        const texts = [['x', 'id', 'y'], ...rows].map((each) =>
          stringify([each], { record_delimiter: lineEnd, quoted, quoted_match: /[\r\n]/ }),
        );
        const all = Buffer.from(texts.join(''));
        const pieces: Buffer[] = [];
        let from = 0;
        for (const size of sizes) {
          pieces.push(all.subarray(from, from + size));
          from = Math.min(all.length, from + size);
        }
        pieces.push(all.subarray(from));
        let line = 1;
        const expected = rows.map((fields, i) => {
          line += (texts[i]?.split('\n').length ?? 1) - 1;
          const isBlank = fields.every((text) => /^[ \r\n]*$/.test(text));
          return { line, id: isBlank ? 'blank' : fields[1] === '' ? 'empty' : fields[1] };
        });
        const found = (await entriesOf(pieces)).map(({ line: at, id, problem }) => {
          return { line: at, id: problem === null ? (id?.toString() ?? 'blank') : 'empty' };
        });
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});
