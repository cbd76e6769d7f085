import { expect, test } from 'vitest';
import { sanitizeText } from '../../src/rows/sanitize-text.ts';
import { conversationOf, rowsOf, rowsOfItems } from './pages.ts';

test.each([
  ['a\0b', 'a\ufffdb'],
  ['\0\0', '\ufffd\ufffd'],
  ['\ud800', '\ufffd'],
  ['x\udc00y', 'x\ufffdy'],
  ['\udc00\ud800', '\ufffd\ufffd'],
  ['\ud83d\0\ude00', '\ufffd\ufffd\ufffd'],
])('%j cannot be stored and becomes %j', (given, stored) => {
  const replaced = { texts: 0 };
  expect(sanitizeText(given, replaced)).toBe(stored);
  expect(replaced.texts).toBe(1);
});

test.each([[''], ['😀'], ['\ufffd'], ['\u0001\u007f'], ['\ufffe'], ['\\u0000']])(
  '%j is unchanged',
  (text) => {
    const replaced = { texts: 0 };
    expect(sanitizeText(text, replaced)).toBe(text);
    expect(replaced.texts).toBe(0);
  },
);

test('every text of an item but its ID is made storable, and each one that was not is counted', () => {
  const rows = rowsOf([
    {
      contactItems: [{ Type: 1, To_Account: 'a', CustomMark: '\ud800', 'n\0': { deep: ['\udfff', 'fine'] } }],
      groupItems: [{ GroupId: 1, GroupName: '\0' }],
    },
  ]);
  expect(rows.conversations).toMatchObject([{ conversation_id: 'c2c_a', custom_mark: '\ufffd' }]);
  expect(rows.conversations[0]?.extra).toBe('{"n\ufffd":{"deep":["\ufffd","fine"]}}');
  expect(rows.contactGroups[0]?.contact_group_name).toBe('\ufffd');
  expect(rows.oddities.replacedTexts).toBe(4);
});

test.each([['\0'], ['a\0b'], ['\ud800'], ['x\udc00'], ['\udc00\ud800'], ['\ud83d\0\ude00']])(
  'an ID that would have to be changed, %j, refuses its user, and is shown escaped',
  (id) => {
    for (const item of [
      { Type: 1, To_Account: id },
      { Type: 2, ToGroupId: id },
    ]) {
      const shown = JSON.stringify(id).replaceAll('\\', '\\\\');
      expect(() => rowsOfItems({ Type: 1, To_Account: 'fine' }, item)).toThrow(
        new RegExp(`^(To_Account|ToGroupId) is ${shown}, an ID that cannot be stored`),
      );
    }
  },
);

test.each([['\ufffd'], ['😀'], [' a '], ['a\nb'], ['e\u0301'], ['\u00e9'], ['\u200b'], ['\ufeff']])(
  'the ID %j is kept as it came',
  (id) => {
    expect(conversationOf({ To_Account: id })).toMatchObject({ conversation_id: `c2c_${id}`, peer_id: id });
  },
);

test('a text that only looks escaped is not touched', () => {
  expect(conversationOf({ CustomMark: '\\u0000' }).custom_mark).toBe('\\u0000');
});
