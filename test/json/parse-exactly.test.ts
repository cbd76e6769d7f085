import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExactNumber, nearest } from '../../src/json/exact-number.ts';
import { parseExactly } from '../../src/json/parse-exactly.ts';

describe('a number that JavaScript would write in another way keeps its text', () => {
  test.each([
    '9223372036854775807',
    '-9223372036854775808',
    '9007199254740993',
    '18446744073709551616',
    '12345678901234.56789',
    '0.1234567890123456789',
    '1.00000000000000000001',
    '1e-400',
    '1e400',
    '-1E+5',
    '1.5e3',
    '-0',
    '-0.0',
    '1.0',
    '1.50',
    '0.0000001',
    '100000000000000000000000',
  ])('%s', (text) => {
    for (const json of [
      text,
      `[${text}]`,
      `[1,\n ${text} ]`,
      `{"a": ${text}}`,
      `[[[{"b":[true,${text},0]}]]]`,
    ]) {
      const found: string[] = [];
      const look = (value: unknown): void => {
        if (value instanceof ExactNumber) found.push(value.text);
        else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
      };
      look(parseExactly(json));
      // A bare number is no page; the quick search looks behind brackets, colons and commas.
      if (json !== text) expect(found).toEqual([text]);
    }
  });
});

test.each(['0', '-1', '1.5', '0.1', '9007199254740991', '-9007199254740991', '0.000001', '123456.789'])(
  '%s is a number',
  (text) => {
    expect(parseExactly(`[${text},9223372036854775807]`)).toEqual([
      Number(text),
      new ExactNumber('9223372036854775807'),
    ]);
  },
);

test('digits in texts and in names stay what they are', () => {
  const value = {
    a: 'x: 9223372036854775807, "[1e400]" \\',
    ': 1e400,[1.0': [', 12345678901234567890', '\\"', '\\\\'],
    b: '',
  };
  expect(parseExactly(JSON.stringify(value))).toEqual(value);
  const withOne = JSON.stringify({ ...value, n: 0 }).replace(':0}', ':1.0}');
  expect(parseExactly(withOne)).toEqual({ ...value, n: new ExactNumber('1.0') });
});

test('a field called __proto__ keeps its number, and changes no object', () => {
  const value = parseExactly('{"__proto__":1e400,"a":{"__proto__":[1.0]}}') as Record<string, unknown>;
  expect(Object.getOwnPropertyDescriptor(value, '__proto__')?.value).toEqual(new ExactNumber('1e400'));
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test('a text that is nested without end is read', () => {
  const depth = 200_000;
  let value = parseExactly(`${'['.repeat(depth)}1e400${']'.repeat(depth)}`);
  for (let level = 0; level < depth; level += 1) value = (value as unknown[])[0];
  expect(value).toEqual(new ExactNumber('1e400'));
});

test('invalid JSON is refused', () => {
  for (const text of ['', '[1e400', '{"a":1.0', '[1.]', '[01]', '["\\"]', '[1e400]]']) {
    expect(() => parseExactly(text)).toThrow(SyntaxError);
  }
});

test('every JSON text is read as JSON.parse reads it, but for the text of its numbers', () => {
  const number = fc.oneof(
    fc
      .double()
      .map(String)
      .filter((text) => /^-?\d/.test(text)),
    fc.bigInt().map(String),
    fc
      .tuple(fc.nat(), fc.stringMatching(/^\d{1,25}$/), fc.integer({ min: -500, max: 500 }))
      .map(([whole, part, power]) => `${whole}.${part}e${power}`),
  );
  const json = fc.letrec<{ value: string; array: string; object: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      number,
      fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
      fc.constantFrom('null', 'true'),
      tie('array'),
      tie('object'),
    ),
    array: fc.array(tie('value')).map((values) => `[${values.join(' , ')}]`),
    object: fc
      .dictionary(fc.string({ unit: 'binary' }), tie('value'))
      .map(
        (fields) => `{${Object.entries(fields).map(([name, value]) => `${JSON.stringify(name)}: ${value}`)}}`,
      ),
  })).array;
  const rounded = (value: unknown): unknown => {
    if (value instanceof ExactNumber) return nearest(value);
    if (Array.isArray(value)) return value.map(rounded);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, rounded(each)]));
  };
  fc.assert(
    fc.property(json, (text) => {
      expect(rounded(parseExactly(text))).toEqual(rounded(JSON.parse(text)));
    }),
    { numRuns: 200 },
  );
});
