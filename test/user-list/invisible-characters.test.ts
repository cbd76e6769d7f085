import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkUserId } from '../../src/library/user-ids.ts';
import { KeyWatch } from '../../src/user-list/key-watch.ts';
import { problemsIn, read } from './list-file.ts';

const noSecrets = new KeyWatch([]);

/** The ways in which a list can hold an ID as its second, and the line or row that it is on. */
const forms: readonly [what: string, name: string, write: (id: string) => string | Buffer, line: number][] = [
  ['a text', 'users.txt', (id) => `ok\n${id}\n`, 2],
  ['a gzipped text', 'users.gz', (id) => gzipSync(`ok\n${id}\n`), 2],
  ['a CSV', 'users.csv', (id) => `user_id,n\nok,1\n"${id}",2\n`, 3],
  ['JSON lines', 'users.jsonl', (id) => `"ok"\n${JSON.stringify({ user_id: id })}\n`, 2],
];

describe.each(forms)('%s', (_, name, write, line) => {
  test.each<[string, string]>([
    ['U+00A0', 'alice\u00a0'],
    ['U+3000', '\u3000alice'],
    ['U+2007', 'alice\u2007'],
    ['U+200B', 'alice\u200b'],
    ['U+200B', 'al\u200bice'],
    ['U+2060', '\u2060alice'],
    ['U+FEFF', '\ufeffalice'],
    ['U+FEFF', 'ali\ufeffce'],
    ['U+00AD', 'ali\u00adce'],
    ['U+200E', 'alice\u200e'],
    ['U+202A', '\u202aalice\u202c'],
    ['U+202E', 'ali\u202ece'],
    ['U+200D', 'alice\u200d'],
    ['U+001A', '\u001a'],
    ['U+0007', 'ali\u0007ce'],
    ['U+001B', 'ali\u001b[0mce'],
    ['U+007F', 'alice\u007f'],
    ['U+0085', 'ali\u0085ce'],
    ['U+2028', 'ali\u2028ce'],
    ['U+E0001', '\u{e0001}alice'],
    ['U+0009', 'alice\tAlice'],
    ['U+3164', 'alice\u3164'],
    ['U+FFA0', '\uffa0alice'],
    ['U+2800', 'alice\u2800'],
    ['U+034F', 'alice\u034f'],
    ['U+FFFE', 'ali\ufffece'],
    ['U+0020', 'alice '],
  ])('refuses %s in %j, by its line, and shows it as an escape', async (codePoint, id) => {
    const problems = await problemsIn(write(id), { name });
    expect(problems).toEqual([
      expect.stringMatching(new RegExp(`^LIST:${line}: .*\\(U\\+${codePoint.slice(2)}\\): "`)),
    ]);
    expect(problems.join()).not.toMatch(/(?! )[\p{White_Space}\p{Cf}\p{Cc}\u3164\uffa0\u2800\ufffe]|\u034f/u);
  });

  test.each([
    ['a family, held together by joiners', '👨‍👩‍👧'],
    ['a heart with a variation selector', '❤️'],
    ['the flag of Scotland, which ends in a tag', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
    ['a Persian word with a joiner', 'می\u200cخواهم'],
    ['an Arabic number sign', '\u0600123'],
    ['a no-break space between words', 'a\u00a0b'],
    ['a space between words', 'a b'],
    ['a blank of Braille between letters', '⠓⠊\u2800⠓⠊'],
    ['Hangul with a filler within', 'ㄱ\u3164ㄴ'],
    ['letters with accents of their own', 'e\u0301\u0302'],
  ])('takes %s', async (_, id) => {
    expect(await read(write(id), { name })).toEqual(['ok', id]);
  });
});

test('a second byte order mark is not part of the first ID', async () => {
  expect(await problemsIn('\ufeff\ufeffalice\n', {})).toEqual([
    'LIST:1: an invisible character around the ID (U+FEFF): "\\ufeffalice"; remove it',
  ]);
});

test.each([
  ['U+200B', 'user_id\u200b,n\nalice,1\n'],
  ['U+FEFF', '\ufeff\ufeffuser_id,n\nalice,1\n'],
  ['U+00A0', 'n,\u00a0user_id\n1,alice\n'],
  ['U+0020', 'n, user_id\n1,alice\n'],
  ['U+000D', 'user_id\r\r\nalice\r\r\n'],
])(
  '%s in the name of a column is reported as the reason why the column is missing',
  async (codePoint, content) => {
    const [problem] = await problemsIn(content, { name: 'users.csv' });
    expect(problem).toMatch(/^LIST:1: which column holds the user IDs\?/);
    expect(problem).toContain(`; remove the character ${codePoint} from "`);
    expect(problem).not.toMatch(/(?! )[\p{White_Space}\p{Cf}\p{Cc}]/u);
  },
);

test("a program's own list is checked in the same way", () => {
  expect(() => checkUserId('alice\u00a0', 3, noSecrets)).toThrow(
    'user 3: white space around the ID (U+00A0): "alice\\u00a0"',
  );
  expect(() => checkUserId('al\u200bice', 4, noSecrets)).toThrow(
    'user 4: an invisible character in the ID (U+200B)',
  );
  expect(() => checkUserId('👨‍👩‍👧', 5, noSecrets)).not.toThrow();
});
