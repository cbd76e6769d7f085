import { expect, test } from 'vitest';
import { AnswerSizes } from '../../../src/run/calls/answer-sizes.ts';

const after = (count: number, bytes: number): number => {
  const sizes = new AnswerSizes();
  for (let i = 0; i < count; i += 1) sizes.observe(bytes);
  return sizes.mostAtOnce;
};

test('a thousand pages of a hundred items may be on their way at once', () => {
  expect(after(300, 25_000)).toBeGreaterThan(1_000);
});

test('answers of a megabyte are 32 at once, and one that is longer than all room comes alone', () => {
  expect(after(1, 1024 * 1024)).toBe(32);
  expect(after(1, 100 * 1024 * 1024)).toBe(1);
});

test('one long answer is not reckoned with for ever', () => {
  const sizes = new AnswerSizes();
  sizes.observe(8 * 1024 * 1024);
  expect(sizes.mostAtOnce).toBe(4);
  for (let i = 0; i < 500; i += 1) sizes.observe(10_000);
  expect(sizes.mostAtOnce).toBeGreaterThan(500);
});
