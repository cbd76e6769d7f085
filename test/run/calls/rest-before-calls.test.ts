import { expect, test } from 'vitest';
import { restBeforeCallsMs } from '../../../src/run/calls/rest-before-calls.ts';

const WINDOW_MS = 1_020;

test.each<[string, number | null, number]>([
  ['nothing where there was no attempt', null, 0],
  ['the whole window where nothing tells when the last attempt ended', 0, WINDOW_MS],
  ['what is left of it after an attempt that has just ended', 300, WINDOW_MS - 300],
  ['nothing after an attempt that ended before', WINDOW_MS, 0],
  ['the whole window, and no longer, where the clock was set back by an hour', -3_600_000, WINDOW_MS],
])('the first call waits %s', (_, agoMs, ms) => {
  expect(restBeforeCallsMs(agoMs, WINDOW_MS)).toBe(ms);
});
