import { expect, test } from 'vitest';
import { readMarks } from '../../src/rows/marks.ts';
import { InvalidPage } from '../../src/rows/page.ts';
import { conversationOf } from './pages.ts';

const named = (mark: string): string => {
  const { is_starred, is_marked_unread, is_folded, is_hidden } = readMarks(mark);
  return [is_starred && 'star', is_marked_unread && 'unread', is_folded && 'fold', is_hidden && 'hide']
    .filter((name) => name !== false)
    .join(' ');
};

test.each([
  ['1', 'star'],
  ['10', 'unread'],
  ['100', 'fold'],
  ['1000', 'hide'],
  ['10000', ''],
  ['111001', 'star hide'],
  ['011111110', 'unread fold hide'],
  ['000', ''],
  ['', ''],
  [`1${'0'.repeat(62)}1`, 'star'],
])('StandardMark %j, read from its last character, says %j', (mark, says) => {
  expect(named(mark)).toBe(says);
});

test('without a StandardMark no mark is known, with an empty one none is set', () => {
  const none = { is_starred: null, is_marked_unread: null, is_folded: null, is_hidden: null };
  expect(conversationOf({})).toMatchObject({ standard_mark: null, ...none });
  expect(conversationOf({ StandardMark: null })).toMatchObject({ standard_mark: null, ...none });
  expect(conversationOf({ StandardMark: '' })).toMatchObject({ standard_mark: '', is_starred: false });
});

test.each([['12'], [' 1'], ['1\n'], ['0x1'], ['１'], [111001], [['1']], [true]])(
  'StandardMark %j is refused',
  (mark) => {
    expect(() => conversationOf({ StandardMark: mark })).toThrow(InvalidPage);
  },
);

test('a custom mark stays as it came: absent and null are null, the empty text is itself', () => {
  expect(conversationOf({}).custom_mark).toBeNull();
  expect(conversationOf({ CustomMark: null }).custom_mark).toBeNull();
  expect(conversationOf({ CustomMark: '' }).custom_mark).toBe('');
  expect(() => conversationOf({ CustomMark: 5 })).toThrow(InvalidPage);
});
