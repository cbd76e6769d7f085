import { expect, test } from 'vitest';
import { FIRST_MARGIN, marginMs, narrowMargin, widenMargin } from '../../src/resilience/margin.ts';

test('a margin begins at 8 ms, and each refused call widens it by 3 ms, at most once in 50 ms', () => {
  expect(marginMs(FIRST_MARGIN)).toBe(8);
  let margin = widenMargin(FIRST_MARGIN, 1_000);
  expect(marginMs(margin)).toBe(11);
  margin = widenMargin(margin, 1_049);
  expect(marginMs(margin)).toBe(11);
  margin = widenMargin(margin, 1_050);
  expect(marginMs(margin)).toBe(14);
});

test('accepted calls narrow it by a quarter of a millisecond a second, and faster the longer none is refused', () => {
  const wide = { ...FIRST_MARGIN, ms: 60 };
  expect(marginMs(narrowMargin(wide, 1))).toBeCloseTo(59.75, 2);
  expect(marginMs(narrowMargin(wide, 4))).toBeCloseTo(58.97, 2);
  expect(marginMs(narrowMargin(wide, 50))).toBe(4);
});

test('a refused call restarts the narrowing from the margin in use', () => {
  const narrowed = narrowMargin({ ...FIRST_MARGIN, ms: 60 }, 30);
  const widened = widenMargin(narrowed, 5_000);
  expect(marginMs(widened)).toBeCloseTo(marginMs(narrowed) + 3, 9);
  expect(marginMs(narrowMargin(widened, 1))).toBeCloseTo(marginMs(widened) - 0.25, 2);
});

test('it stays within 4 and 100 ms', () => {
  let margin = FIRST_MARGIN;
  for (let at = 0; at < 100; at += 1) margin = widenMargin(margin, at * 50);
  expect(marginMs(margin)).toBe(100);
  expect(marginMs(narrowMargin(margin, 1e6))).toBe(4);
});
