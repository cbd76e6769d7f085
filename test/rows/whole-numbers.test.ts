import { describe, expect, test } from 'vitest';
import { InvalidPage } from '../../src/rows/page.ts';
import { conversationOf, parsed, rowsOf } from './pages.ts';

/** A number with its digits, as an answer brings it. */
const exact = (text: string): unknown => (parsed(`[${text}]`) as unknown[])[0];

describe('a Timestamp', () => {
  test.each([
    [1_670_843_110, '2022-12-12T11:05:10Z'],
    ['1670843110', '2022-12-12T11:05:10Z'],
    [1, '1970-01-01T00:00:01Z'],
    [4_133_980_799, '2100-12-31T23:59:59Z'],
    [0, null],
    ['0', null],
    [-0, null],
    [null, null],
    [undefined, null],
  ])('%j is %j', (given, expected) => {
    expect(conversationOf({ Timestamp: given }).source_updated_at).toBe(expected);
  });

  test.each([
    [-1],
    ['-1'],
    [4_133_980_800],
    [1_670_843_110_000],
    [1.5],
    ['1.5'],
    ['1e9'],
    [' 1'],
    ['1\n'],
    [''],
    ['9223372036854775807'],
    ['99999999999999999999'],
    [Number.MAX_SAFE_INTEGER + 1],
    [true],
    [[1]],
    [{}],
  ])('%j is refused', (given) => {
    expect(() => conversationOf({ Timestamp: given })).toThrow(InvalidPage);
  });
});

describe('the ID of a contact group', () => {
  const idOf = (id: unknown): unknown =>
    rowsOf([{ groupItems: [{ GroupId: id, GroupName: 'g' }] }]).contactGroups[0]?.contact_group_id;

  test.each(
    [
      [7, '7'],
      ['7', '7'],
      ['007', '7'],
      ['-0', '0'],
      [Number.MAX_SAFE_INTEGER, '9007199254740991'],
      ['9007199254740993', '9007199254740993'],
      ['9223372036854775807', '9223372036854775807'],
      ['-9223372036854775808', '-9223372036854775808'],
      [exact('9223372036854775807'), '9223372036854775807'],
      [exact('-9223372036854775808'), '-9223372036854775808'],
      [exact('1.7e9'), '1700000000'],
      [exact('7.00'), '7'],
      [exact('1.5e+18'), '1500000000000000000'],
    ].map(([given, expected]) => [Array.isArray(given) ? (given as unknown[])[0] : given, expected]),
  )('%j is %j, exactly', (given, expected) => {
    expect(idOf(given)).toBe(expected);
  });

  test.each([
    ...['9223372036854775808', '1.00000000000000000001', '1e400', '1e-400', '15e-1', '0.5e0', '1e19'].map(
      (text) => [exact(text)],
    ),
    ['9223372036854775808'],
    ['-9223372036854775809'],
    [2 ** 53],
    [1.5],
    [parsed('1e400')],
    [''],
    ['a'],
    [null],
    [undefined],
    [{ GroupId: 1 }],
  ])('%j is refused', (given) => {
    expect(() => idOf(given)).toThrow(InvalidPage);
    expect(() => conversationOf({ ContactGroupId: [given] })).toThrow(InvalidPage);
  });

  test('names one group whether it comes as a number or as a string', () => {
    const { memberships, oddities } = rowsOf([
      {
        contactItems: [{ Type: 1, To_Account: 'a', ContactGroupId: [7, '7', '07'] }],
        groupItems: [{ GroupId: '7', GroupName: 'g' }],
      },
    ]);
    expect(memberships).toHaveLength(1);
    expect(oddities.unnamedGroups).toBe(0);
  });
});
