import { expect, test } from 'vitest';
import { InvalidPage } from '../../src/rows/page.ts';
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
  expect(() => rowsOfItems(parsed('{"__proto__":{"Type":1,"To_Account":"x"}}'))).toThrow(InvalidPage);
});

test.each([
  '9007199254740993',
  '-9223372036854775808',
  '18446744073709551615',
  '1e300',
  '1e400',
  '-1E-400',
  '12345678901234.56789',
  '0.1234567890123456789',
  '1.00000000000000000001',
  '1.50',
  '-0',
])('the number %s keeps its digits at any depth', (number) => {
  expect(extraOf(`{"x":${number}}`)).toBe(`{"x":${number}}`);
  expect(extraOf(`{"x":[{"y":[0, ${number}]}]}`)).toBe(`{"x":[{"y":[0,${number}]}]}`);
});

test.each([`1e1000`, `-1e-1001`, `1E+999999999`, '7'.repeat(1_001), `0.${'1'.repeat(1_001)}`, `1.5e-2000`])(
  'a number that no database would take is kept as a text: %s',
  (number) => {
    expect(extraOf(`{"x":[${number}]}`)).toBe(`{"x":["${number}"]}`);
  },
);

test('a field that cannot be stored fails no user if it is left out anyway, and is counted', () => {
  const twins = parsed('{"Type":1,"To_Account":"x","a\\u0000":1,"a\\ud800":2}');
  const group = parsed(`{"GroupId":1,"GroupName":"g","X":${'['.repeat(200_000)}${']'.repeat(200_000)}}`);
  const rows = rowsOf([{ contactItems: [twins], groupItems: [group] }], { dropExtra: true });
  expect([rows.conversations[0]?.extra, rows.contactGroups[0]?.extra]).toEqual([null, null]);
  expect(rows.oddities.unknownFields).toBe(2);
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
      expect(() => rowsOfItems(item)).toThrow(InvalidPage);
    }
    expect(() => rowsOf([{ groupItems: [parsed(value)] }])).toThrow(InvalidPage);
    expect(() => rowsOf([{ groupItems: [{ GroupId: 1, GroupName: parsed(value) }] }])).toThrow(InvalidPage);
  }
  expect(extraOf(`{"x":${'['.repeat(50)}1${']'.repeat(50)}}`)).toContain('[1]');
});

test('fields whose names differ in nothing that can be stored are refused, not one for the other', () => {
  const twins = '{"a\\u0000":1,"a\\ud800":2}';
  expect(() => extraOf(twins)).toThrow(/^two fields would both be called "a\ufffd"$/);
  expect(() => extraOf(`{"x":[${twins}]}`)).toThrow(InvalidPage);
});
