import { describe, expect, test } from 'vitest';
import { problemsIn, read } from './list-file.ts';

/** The ways in which a list can hold IDs, and the line of the first. */
const forms: readonly [
  what: string,
  name: string,
  write: (ids: readonly string[]) => string,
  line: number,
][] = [
  ['a text', 'users.txt', (ids) => ids.map((id) => `${id}\n`).join(''), 1],
  ['a CSV', 'users.csv', (ids) => `user_id,n\n${ids.map((id) => `"${id}",1\n`).join('')}`, 2],
  ['JSON lines', 'users.jsonl', (ids) => ids.map((id) => `${JSON.stringify(id)}\n`).join(''), 1],
];

describe.each(forms)('%s', (_, name, write, line) => {
  test.each(['1.61052E+18', '1.6105216041436938e+18', '1,61052E+18', '2E+10', '-1.5e+09'])(
    'refuses %s, a number whose last digits are lost',
    async (id) => {
      expect(await problemsIn(write([id, 'alice']), { name })).toEqual([
        `LIST:${line}: a number in place of the ID, rounded: "${id}"; write the IDs as text`,
      ]);
    },
  );

  test('refuses U+FFFD, which stands for a character that was lost', async () => {
    expect(await problemsIn(write(['caf\ufffd', 'alice']), { name })).toEqual([
      `LIST:${line}: a character of the ID was lost (U+FFFD): "caf\ufffd"; write the list again, in UTF-8 throughout`,
    ]);
  });

  test('refuses a list in which every ID is a number that ends in .0', async () => {
    expect(await problemsIn(write(['1001.0', '1002.0', '7.0']), { name })).toEqual([
      'LIST: every user ID is a number that ends in .0; read the IDs as text in the program that wrote the list',
    ]);
  });

  test.each([
    ['a short hexadecimal ID', ['1e5', '5e10', '12e45']],
    ['an address with a plus', ['1e+x', 'a.1e+5', '15E+18', 'bob+1@example.com']],
    ['a few numbers that end in .0', ['1001.0', '1002.0']],
    ['versions among other IDs', ['1.0', '2.0', '3.0', '3.1']],
  ])('takes %s', async (__, ids) => {
    expect(await read(write(ids), { name })).toEqual(ids);
  });
});
