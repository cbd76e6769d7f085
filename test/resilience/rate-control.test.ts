import { expect, test } from 'vitest';
import { RateControl } from '../../src/resilience/rate-control.ts';

const RATE = 200;

/** A control at the whole rate that has accepted the calls of some seconds, and the instant after them. */
function calm(margin: number | 'auto' = 'auto', seconds = 5) {
  const control = new RateControl(RATE, margin);
  let at = 0;
  for (; at < seconds * 1000; at += 1000 / RATE) control.accepted(at);
  return { control, at };
}

test('a single refused call widens the margin, and the rate stays', () => {
  const { control, at } = calm();
  const before = control.marginMs;
  expect(control.limited(at, at + 30)).toBe('bunched');
  expect(control.marginMs).toBeCloseTo(before + 3, 9);
  expect(control.throttleRatio(at + 30)).toBe(1);
});

test('several refused calls, at least half of the last ones, cut the rate', () => {
  const { control, at } = calm();
  const refusals = Array.from({ length: 10 }, (_, n) => control.limited(at + n, at + 30 + n));
  expect(refusals.slice(0, 5)).toEqual(['bunched', 'bunched', 'bunched', 'bunched', 'doubtful']);
  // Sent before the cut, they tell nothing new.
  expect(refusals.slice(5)).toEqual(new Array(5).fill('known'));
  expect(control.throttleRatio(at + 34)).toBe(0.9);
});

test('as many refused calls among many accepted ones are bunching', () => {
  const { control, at } = calm();
  for (let n = 0; n < 100; n += 1) {
    if (n % 5 === 0) expect(control.limited(at + n, at + n)).toBe('bunched');
    else control.accepted(at + n);
  }
});

test('calls that are refused below the rate, long after the first cut, are taken for another client', () => {
  const { control, at } = calm();
  const before = control.marginMs;
  for (let n = 0; n < 5; n += 1) control.limited(at + n, at + n);
  expect(control.limited(at + 200, at + 230)).toBe('doubtful');
  expect(control.marginMs).toBeGreaterThan(before);
  expect(control.limited(at + 700, at + 730)).toBe('shared');
  // Widening it has not helped, so nothing of it stays to slow the run when the other client has gone.
  expect(control.marginMs).toBe(before);
  expect(control.throttleRatio(at + 730)).toBeLessThan(0.8);
});

test('what comes after three calm seconds is a new matter', () => {
  const { control, at } = calm();
  for (let n = 0; n < 5; n += 1) control.limited(at + n, at + n);
  let later = at + 1_100;
  for (; later < at + 4_200; later += 5) control.accepted(later);
  for (let n = 0; n < 5; n += 1) control.limited(later + n, later + n);
  expect(control.limited(later + 100, later + 130)).toBe('doubtful');
});

test('a margin that cannot be wider and helps no more is taken for another client, too', () => {
  const { control, at } = calm();
  let now = at;
  let refusal = control.limited(now, now);
  let widest = 0;
  for (let n = 0; n < 100 && refusal === 'bunched'; n += 1) {
    widest = control.marginMs;
    // Two accepted calls for a refused one are no burst.
    control.accepted(now + 10);
    control.accepted(now + 20);
    now += 50;
    refusal = control.limited(now, now);
  }
  expect(widest).toBeGreaterThan(97);
  expect(refusal).toBe('shared');
  expect(control.marginMs).toBeLessThan(8);
});

test('calls below the rate prove nothing about the margin', () => {
  const { control, at } = calm();
  for (let n = 0; n < 5; n += 1) control.limited(at + n, at + n);
  const { marginMs } = control;
  for (let n = 10; n < 900; n += 5) control.accepted(at + n);
  expect(control.marginMs).toBe(marginMs);
});

test('a fixed margin stays, and each refused call cuts the rate', () => {
  const { control, at } = calm(12);
  expect(control.limited(at, at)).toBe('stray');
  expect(control.marginMs).toBe(12);
  expect(control.throttleRatio(at)).toBe(0.9);
});
