import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/directory.ts';
import { listFile, problemsOf, read } from './list-file.ts';

test.each([
  ['LF', 'a\nb\n'],
  ['CRLF', 'a\r\nb\r\n'],
  ['both', 'a\r\nb\n'],
  ['no line end at the end', 'a\nb'],
  ['a lone CR at the end', 'a\r\nb\r'],
  ['a byte order mark', '\ufeffa\nb\n'],
  ['a byte order mark and CRLF', '\ufeffa\r\nb'],
  ['blank lines', '\n\r\n  \n\t\na\n\n\nb\n \t \r\n\n'],
])('a list with %s holds its users', async (_, content) => {
  expect(await read(content)).toEqual(['a', 'b']);
});

test('users keep their order, their repetitions and every character', async () => {
  const ids = ['b', 'a', 'b', '@TGS#1', 'a b', '管理员', '😀', "o'neil", '#', '"', 'a\u00a0b'];
  expect(await read(`x\n${ids.join('\n')}\n`)).toEqual(['x', ...ids]);
});

test('a user ID of 32 bytes is the longest', async () => {
  const longest = ['x'.repeat(32), 'é'.repeat(16), '😀'.repeat(8)];
  expect(await read(longest.join('\r\n'))).toEqual(longest);
  for (const id of ['x'.repeat(33), `${'é'.repeat(16)}x`, '😀'.repeat(9)]) {
    expect(await problemsOf(await listFile(`a\n${id}\n`))).toEqual([
      expect.stringMatching(/^LIST:2: a user ID has at most 32 bytes/),
    ]);
    expect(await problemsOf(await listFile(id))).toHaveLength(1);
  }
});

describe('is refused with the file and the line:', () => {
  test.each<[string, Uint8Array, number]>([
    ['bytes that are not UTF-8', Buffer.from('ok\ncaf\xe9\n', 'latin1'), 2],
    ['half a character', Buffer.from('ok\n\n\xc3\n', 'latin1'), 3],
    ['an encoded surrogate', Buffer.from('\xed\xa0\x80\n', 'latin1'), 1],
    ['half a byte order mark', Buffer.from('\xef\xbb', 'latin1'), 1],
    ['U+0000', Buffer.from('ok\na\0b\n'), 2],
    ['a line break in an ID', Buffer.from('ok\na\rb\n'), 2],
    ['white space before an ID', Buffer.from('ok\n u1\n'), 2],
    ['white space after an ID', Buffer.from('ok\nu1\t\n'), 2],
  ])('%s', async (_, content, line) => {
    const problems = await problemsOf(await listFile(content));
    expect(problems).toEqual([
      expect.stringMatching(new RegExp(`^LIST:${line}: .*(UTF-8|U\\+0000|white space|line break)`)),
    ]);
  });

  test.each([
    ['with a byte order mark', '\ufeffab\ncd\n'],
    ['without one', 'ab\ncd\n'],
  ])('a file in UTF-16, %s', async (_, text) => {
    for (const swapped of [false, true]) {
      const content = Buffer.from(text, 'utf16le');
      const problems = await problemsOf(await listFile(swapped ? content.swap16() : content));
      expect(problems).toEqual(['LIST:1: the file is UTF-16; save it as UTF-8']);
    }
  });
});

test('all bad lines are reported together, at most ten and then their number', async () => {
  const bad = 'x'.repeat(40);
  const three = await problemsOf(await listFile(`${bad}\nok\n${bad}\n\na\0\n`));
  expect(three.map((problem) => problem.slice(0, 7))).toEqual(['LIST:1:', 'LIST:3:', 'LIST:5:']);
  const ten = await problemsOf(await listFile(`${bad}\n`.repeat(10)));
  expect(ten).toHaveLength(10);
  expect(ten[9]).toMatch(/^LIST:10:/);
  const many = await problemsOf(await listFile(`${bad}\n`.repeat(1_234)));
  expect(many).toHaveLength(11);
  expect(many[10]).toBe('LIST: and 1224 more invalid lines');
});

test('a message shows a bad line on one line of its own, cut where it is long', async () => {
  const [problem] = await problemsOf(await listFile(`\u001b[31m\r\t${'x'.repeat(10_000)}`));
  expect(problem).not.toMatch(/\p{Cc}/u);
  expect(problem?.length).toBeLessThan(200);
});

test.each([
  ['', 'nothing'],
  ['\ufeff', 'a byte order mark'],
  ['\n \r\n', 'blank lines'],
])('a list of %j holds no user and is refused', async (content) => {
  expect(await problemsOf(await listFile(content))).toEqual(['LIST holds no user ID']);
});

test('a file that cannot be read is named with the reason', async () => {
  const directory = await temporaryDirectory();
  expect(await problemsOf(`${directory}/none.txt`)).toEqual(['LIST: the list does not exist']);
  expect(await problemsOf(directory)).toEqual(['LIST: the list is a directory']);
  expect(await problemsOf(`${await listFile('a')}/x`)).toEqual([
    'LIST: a part of its path is not a directory',
  ]);
});
