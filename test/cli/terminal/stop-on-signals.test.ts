import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type StopOptions, stopOnSignals } from '../../../src/cli/terminal/stop-on-signals.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A process that listens to signals, and its end. */
function listening(options: StopOptions) {
  const reported: string[] = [];
  const listeners = new Map<string, () => void>();
  const stop = stopOnSignals(
    {
      onSignal: (signal, listener) => listeners.set(signal, listener),
      endNow: (code) => reported.push(`ended with ${code}`),
      reraise: (signal) => reported.push(`obeyed ${signal}`),
    },
    options,
  );
  return { stop, reported, get: (signal: string) => listeners.get(signal)?.() };
}

test.each<[string, StopOptions, number]>([
  ['is obeyed soon where nothing is at work', {}, 2_000],
  ['has the time of an orderly end where that comes soon', { endsSoon: () => true }, 10_000],
])('a signal %s', (_, options, ms) => {
  const program = listening(options);
  program.get('SIGTERM');
  expect(program.stop.reason).toBe('SIGTERM');
  vi.advanceTimersByTime(ms - 1);
  expect(program.reported).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(program.reported).toEqual(['obeyed SIGTERM']);
});

test('a signal waits as long as it takes where there is work, and a second one does not', () => {
  const program = listening({ hasWork: () => true });
  program.get('SIGINT');
  vi.advanceTimersByTime(3_600_000);
  expect(program.reported).toEqual([]);
  program.get('SIGINT');
  expect(program.reported).toEqual(['ended with 130']);
});

test('a second signal is obeyed at once while the orderly end is awaited', () => {
  const program = listening({ endsSoon: () => true });
  program.get('SIGINT');
  program.get('SIGTERM');
  expect(program.reported).toEqual(['obeyed SIGTERM']);
});
