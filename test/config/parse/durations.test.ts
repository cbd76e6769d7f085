import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration } from '../../../src/config/parse/durations.ts';

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['30min', 1_800_000],
  ['30 min', 1_800_000],
  ['20h', 72_000_000],
  ['20 h', 72_000_000],
  ['1d', 86_400_000],
  ['1h30m', 5_400_000],
  ['1h 30 min', 5_400_000],
  ['1.5h', 5_400_000],
  ['0s', 0],
  [' 10s ', 10_000],
])('%s is %i ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(['10', '0', '1.5'])('%s has no unit, and the message adds one', (text) => {
  expect(() => parseDuration(text)).toThrow(`the unit is missing; write for example ${text}s or ${text}m`);
});

test.each([
  '',
  's',
  '-1s',
  '1h1h',
  '1m1h',
  '1h30',
  '10S',
  '5 years',
  '1,5h',
  '.5s',
  '1e3s',
  `${'9'.repeat(30)}d`,
])('%j is not a duration', (text) => {
  expect(() => parseDuration(text)).toThrow('expected a duration such as 500ms, 90s, 30m, 1h30m, 20h or 1d');
});

test('parts add up', () => {
  const upTo = (max: number) => fc.integer({ min: 0, max });
  fc.assert(
    fc.property(upTo(999), upTo(99), upTo(99), upTo(99), upTo(999), (d, h, m, s, ms) => {
      const sum = (((d * 24 + h) * 60 + m) * 60 + s) * 1_000 + ms;
      expect(parseDuration(`${d}d${h}h${m}m${s}s${ms}ms`)).toBe(sum);
    }),
  );
});
