import { expect, test } from 'vitest';
import { type TextColumn, textTable } from '../../../src/report/text/text-table.ts';

const columns: readonly TextColumn[] = [
  { name: 'RUN', alignRight: true },
  { name: 'CALLS', alignRight: true, leavesAs: 1 },
  { name: 'BY', alignRight: false, leavesAs: 2 },
  { name: 'SAID', alignRight: false, breaks: true },
];
const rows = [
  ['7', '1,048', 'SIGTERM', 'the destination went away, and nobody knows why'],
  ['12', '3', null, '用户不在应用中，请检查用户的标识符是否正确'],
];

test('a table has a line a row if the width of the screen is unknown', () => {
  expect(textTable(columns, rows)).toBe(
    [
      ' RUN | CALLS | BY      | SAID',
      '-----+-------+---------+-------------------------------------------------',
      '   7 | 1,048 | SIGTERM | the destination went away, and nobody knows why',
      '  12 |     3 |         | 用户不在应用中，请检查用户的标识符是否正确',
      '',
    ].join('\n'),
  );
});

test('on a screen that is too narrow, texts break into lines', () => {
  expect(textTable(columns, rows, 50)).toBe(
    [
      ' RUN | CALLS | BY      | SAID',
      '-----+-------+---------+--------------------------',
      '   7 | 1,048 | SIGTERM | the destination went',
      '     |       |         | away, and nobody knows',
      '     |       |         | why',
      '  12 |     3 |         | 用户不在应用中，请检查用',
      '     |       |         | 户的标识符是否正确',
      '',
    ].join('\n'),
  );
});

test('on one that is narrower still, columns leave in their order, and are named', () => {
  const text = textTable(columns, rows, 40);
  expect(text.split('\n')[0]).toBe(' RUN | BY      | SAID');
  expect(text).toMatch(/^\(no room for CALLS: a wider screen or\n--json has all\)\n$/m);
});

test('a column without texts leaves before the others', () => {
  const text = textTable(columns, [['7', '1,048', null, 'the destination went away']], 34);
  expect(text.split('\n')[0]).toBe(' RUN | CALLS | SAID');
});

test.each([10, 30, 45, 60, 79, 80, 140])(
  'no line is wider than a screen of %s columns has to be',
  (width) => {
    // The columns that are neither wrapped nor left out: the run, and a text of 16 with its space.
    const least = ' RUN | '.length + 17;
    for (const line of textTable(columns, rows, width)
      .split('\n')
      .filter((one) => !one.startsWith('(no'))) {
      expect([...line.normalize()].reduce((sum, c) => sum + (c > '⺀' ? 2 : 1), 0)).toBeLessThanOrEqual(
        Math.max(width, least),
      );
    }
  },
);

test('names of columns give no orders to a terminal, nor do cells', () => {
  const hostile = 'a\u001b[31m\u202e\u2028b\n\u200b\u009b';
  const table = textTable([{ name: hostile, alignRight: false }], [[hostile]]);
  const shown = ' a\\u001b[31m\\u202e\\u2028b\\u000a\\u200b\\u009b';
  expect(table.split('\n')).toEqual([shown, '-'.repeat(shown.length + 1), shown, '']);
});
