import { expect, test } from 'vitest';
import { inTurn } from '../../bench/in-turn.ts';
import { median, ratioOf, spreadOf } from '../../bench/statistics.ts';

test('the median is the middle value, or the mean of the two in the middle, in whatever order they come', () => {
  expect(median([9])).toBe(9);
  expect(median([10, 1, 9])).toBe(9);
  expect(median([10, 2, 1, 9])).toBe(5.5);
  expect(() => median([])).toThrow(RangeError);
});

test('a spread has the median, the least, the most and how many there were', () => {
  expect(spreadOf([10, 2, 9])).toEqual({ median: 9, min: 2, max: 10, count: 3 });
});

test('a ratio is taken round by round, so that a slow round of both changes nothing', () => {
  const [ours, theirs] = [
    [10, 100, 30],
    [20, 200, 40],
  ];
  expect(ratioOf(ours ?? [], theirs ?? [], (value) => value)).toEqual({
    median: 0.5,
    min: 0.5,
    max: 0.75,
    count: 3,
  });
  expect(() => ratioOf([1, 2], [1], (value) => value)).toThrow('2 readings cannot be compared with 1');
});

test('contenders have a turn each in every round, another one first each time', async () => {
  const turns: string[] = [];
  const contender = (name: string) => async (): Promise<number> => turns.push(name);
  const reported: string[] = [];
  const readings = await inTurn({ a: contender('a'), b: contender('b'), c: contender('c') }, 4, (text) =>
    reported.push(text),
  );
  expect(turns.join('')).toBe('abcbcacababc');
  expect(readings).toEqual({ a: [1, 6, 8, 10], b: [2, 4, 9, 11], c: [3, 5, 7, 12] });
  expect(reported[3]).toBe('round 2 of 4: b');
});

test('a contender that fails ends the measuring', async () => {
  const failing = { a: () => Promise.reject(new Error('no server')) };
  await expect(inTurn(failing, 2, () => {})).rejects.toThrow('no server');
});
