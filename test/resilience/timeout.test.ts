import { expect, test } from 'vitest';
import { withTimeout } from '../../src/resilience/timeout.ts';
import { ManualClock } from './manual-clock.ts';
import { settled } from './timing.ts';

const forEver = new Promise<never>(() => {});
const NO_TIMER = 'no timer is left';

const late = (): never => {
  throw new Error('too late');
};

test('work that ends in time gives its result, and no timer is left', async () => {
  const clock = new ManualClock();
  const began = clock.now();
  const work = clock.wait(999).then(() => 'done');
  expect(await clock.until(withTimeout(work, { ms: 1_000, onTimeout: late, clock }))).toBe('done');
  await expect(clock.until(forEver)).rejects.toThrow(NO_TIMER);
  // A timer that was left would have moved the clock on.
  expect(clock.now() - began).toBe(999);
});

test('work that fails in time gives its error, and no timer is left', async () => {
  const clock = new ManualClock();
  const began = clock.now();
  const work = clock.wait(999).then(() => Promise.reject(new Error('refused')));
  await expect(clock.until(withTimeout(work, { ms: 1_000, onTimeout: late, clock }))).rejects.toThrow(
    'refused',
  );
  await expect(clock.until(forEver)).rejects.toThrow(NO_TIMER);
  // A timer that was left would have moved the clock on.
  expect(clock.now() - began).toBe(999);
});

test('when the time is over first, the value of onTimeout is the result', async () => {
  const clock = new ManualClock();
  const began = clock.now();
  const limited = withTimeout(forEver, { ms: 1_000, onTimeout: () => 'silent', clock });
  expect(await clock.until(limited)).toBe('silent');
  expect(clock.now() - began).toBe(1_000);
});

test('when the time is over first, an error of onTimeout is the result', async () => {
  const clock = new ManualClock();
  await expect(clock.until(withTimeout(forEver, { ms: 1_000, onTimeout: late, clock }))).rejects.toThrow(
    'too late',
  );
});

test('an error of late work is ignored, as its value is', async () => {
  const clock = new ManualClock();
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  const failing = clock.wait(2_000).then(() => Promise.reject(new Error('refused')));
  const ending = clock.wait(2_000).then(() => 'done');
  const limited = [failing, ending].map((work) =>
    withTimeout(work, { ms: 1_000, onTimeout: () => 'silent', clock }),
  );
  await clock.advance(3_000);
  await settled();
  process.off('unhandledRejection', note);
  expect(await Promise.all(limited)).toEqual(['silent', 'silent']);
  expect(unhandled).toEqual([]);
});
