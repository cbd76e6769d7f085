import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { pause, SYSTEM_CLOCK } from '../../src/resilience/clock.ts';
import { ManualClock } from './manual-clock.ts';

const forEver = new Promise<never>(() => {});

test('a pause ends when its time has passed, and leaves no listener at its signal', async () => {
  const clock = new ManualClock();
  const { signal } = new AbortController();
  const began = clock.now();
  await clock.until(pause(clock, 2_500, signal));
  expect(clock.now() - began).toBe(2_500);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('an abort ends a pause at once, and cancels its timer', async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const began = clock.now();
  const pausing = pause(clock, 2_500, controller.signal);
  controller.abort();
  await pausing;
  await pause(clock, 2_500, controller.signal);
  await expect(clock.until(forEver)).rejects.toThrow('no timer is left');
  expect(clock.now()).toBe(began);
});

test('the clock of the process calls back unless that is cancelled', async () => {
  const called: string[] = [];
  SYSTEM_CLOCK.schedule(() => called.push('first'), 1);
  const cancel = SYSTEM_CLOCK.schedule(() => called.push('cancelled'), 1);
  cancel();
  const began = SYSTEM_CLOCK.now();
  await new Promise<void>((resolve) => SYSTEM_CLOCK.schedule(resolve, 1));
  expect(called).toEqual(['first']);
  expect(SYSTEM_CLOCK.now()).toBeGreaterThan(began);
});
