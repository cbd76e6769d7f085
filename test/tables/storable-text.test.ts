import { expect, test } from 'vitest';
import { storableText } from '../../src/tables/storable-text.ts';
import { conversationOf, rowsOf } from './pages.ts';

test.each([
  ['a\0b', 'a\ufffdb'],
  ['\0\0', '\ufffd\ufffd'],
  ['\ud800', '\ufffd'],
  ['x\udc00y', 'x\ufffdy'],
  ['\udc00\ud800', '\ufffd\ufffd'],
  ['\ud83d\0\ude00', '\ufffd\ufffd\ufffd'],
])('%j cannot be stored and becomes %j', (given, stored) => {
  const replaced = { texts: 0 };
  expect(storableText(given, replaced)).toBe(stored);
  expect(replaced.texts).toBe(1);
});

test.each([[''], ['😀'], ['\ufffd'], ['\u0001\u007f'], ['\ufffe'], ['\\u0000']])(
  '%j stays as it is',
  (text) => {
    const replaced = { texts: 0 };
    expect(storableText(text, replaced)).toBe(text);
    expect(replaced.texts).toBe(0);
  },
);

test('every text of an item is made storable, and each one that was not is counted', () => {
  const rows = rowsOf([
    {
      contactItems: [
        { Type: 1, To_Account: 'a\0', CustomMark: '\ud800', 'n\0': { deep: ['\udfff', 'fine'] } },
        { Type: 2, ToGroupId: '\ud83d' },
      ],
      groupItems: [{ GroupId: 1, GroupName: '\0' }],
    },
  ]);
  expect(rows.conversations).toMatchObject([
    { conversation_id: 'c2c_a\ufffd', peer_id: 'a\ufffd', custom_mark: '\ufffd' },
    { conversation_id: 'group_\ufffd' },
  ]);
  expect(rows.conversations[0]?.extra).toBe('{"n\ufffd":{"deep":["\ufffd","fine"]}}');
  expect(rows.contactGroups[0]?.contact_group_name).toBe('\ufffd');
  expect(rows.oddities.replacedTexts).toBe(6);
});

test('a text that only looks escaped is not touched', () => {
  expect(conversationOf({ CustomMark: '\\u0000' }).custom_mark).toBe('\\u0000');
});
