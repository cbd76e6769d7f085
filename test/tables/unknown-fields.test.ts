import { expect, test } from 'vitest';
import { PageRefused } from '../../src/tables/page.ts';
import { conversationOf, parsed, rowsOf, rowsOfItems } from './pages.ts';

const extraOf = (json: string): string | null => {
  const fields = parsed(json);
  if (typeof fields !== 'object' || fields === null) throw new Error('expected an object');
  // Not by spreading, which would drop nothing but hide how an item arrives.
  const [row] = rowsOfItems(parsed(`{"Type":1,"To_Account":"peer",${json.slice(1)}`)).conversations;
  return row?.extra ?? null;
};

test('fields that are not known are kept with their names in order, nested ones too', () => {
  expect(extraOf('{"b":1,"a":{"z":[{"y":1,"x":2}],"c":null}}')).toBe(
    '{"a":{"c":null,"z":[{"x":2,"y":1}]},"b":1}',
  );
  expect(extraOf('{"a":{"c":null,"z":[{"x":2,"y":1}]},"b":1}')).toBe(
    extraOf('{"b":1,"a":{"z":[{"y":1,"x":2}],"c":null}}'),
  );
});

test('known fields are no extras, in whatever case their value is', () => {
  expect(conversationOf({ ToGroupId: null, CustomMark: null, ContactGroupId: null }).extra).toBeNull();
  expect(conversationOf({ to_account: 'x' }).extra).toBe('{"to_account":"x"}');
});

test('rows with unknown fields are counted, in both tables', () => {
  const rows = rowsOf([
    {
      contactItems: [
        { Type: 1, To_Account: 'a', X: 1, Y: 2 },
        { Type: 1, To_Account: 'b' },
      ],
      groupItems: [{ GroupId: 1, GroupName: 'g', Z: null }],
    },
  ]);
  expect(rows.oddities.unknownFields).toBe(2);
  expect(rows.contactGroups[0]?.extra).toBe('{"Z":null}');
});

test('a field called __proto__, constructor or toJSON is a field like any other', () => {
  expect(extraOf('{"__proto__":{"Type":2,"polluted":true},"constructor":1,"toJSON":"x"}')).toBe(
    '{"__proto__":{"Type":2,"polluted":true},"constructor":1,"toJSON":"x"}',
  );
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  expect(() => rowsOfItems(parsed('{"__proto__":{"Type":1,"To_Account":"x"}}'))).toThrow(PageRefused);
});

test.each([
  ['9007199254740992'],
  ['-9007199254740993'],
  ['1e300'],
  ['1e400'],
  ['-1e999'],
  ['9007199254740993.5'],
])('the number %s, which is not read as it was written, is refused at any depth', (number) => {
  expect(() => extraOf(`{"x":${number}}`)).toThrow(PageRefused);
  expect(() => extraOf(`{"x":[{"y":[${number}]}]}`)).toThrow(PageRefused);
});

test('a refusal stays on one line, whatever the field is called', () => {
  expect(() => extraOf('{"a\\nb":1e400}')).toThrow(/^"a\\nb" holds the number Infinity/);
});

test('other numbers are kept', () => {
  expect(extraOf('{"x":[0.5,-1,9007199254740991,1e-7]}')).toBe('{"x":[0.5,-1,9007199254740991,1e-7]}');
});

test('nesting without end is refused, wherever it stands', () => {
  const deep = (open: string, close: string) => `${open.repeat(200_000)}1${close.repeat(200_000)}`;
  for (const value of [deep('[', ']'), deep('{"a":', '}')]) {
    for (const field of [
      'Type',
      'To_Account',
      'StandardMark',
      'CustomMark',
      'ContactGroupId',
      'Timestamp',
      'Later',
    ]) {
      const item = { Type: 1, To_Account: 'x', [field]: parsed(value) };
      expect(() => rowsOfItems(item)).toThrow(PageRefused);
    }
    expect(() => rowsOf([{ groupItems: [parsed(value)] }])).toThrow(PageRefused);
    expect(() => rowsOf([{ groupItems: [{ GroupId: 1, GroupName: parsed(value) }] }])).toThrow(PageRefused);
  }
  expect(extraOf(`{"x":${'['.repeat(50)}1${']'.repeat(50)}}`)).toContain('[1]');
});

test('fields whose names differ in nothing that can be stored are refused, not one for the other', () => {
  const twins = '{"a\\u0000":1,"a\\ud800":2}';
  expect(() => extraOf(twins)).toThrow(/^two fields would both be called "a\ufffd"$/);
  expect(() => extraOf(`{"x":[${twins}]}`)).toThrow(PageRefused);
});
