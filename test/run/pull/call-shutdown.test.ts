import { expect, test } from 'vitest';
import { OUT_OF_TIME } from '../../../src/run/events/deadline.ts';
import { CallShutdown } from '../../../src/run/pull/call-shutdown.ts';

function shutdownOf(stop: AbortSignal): { readonly shutdown: CallShutdown; readonly notices: string[] } {
  const notices: string[] = [];
  return { shutdown: new CallShutdown(stop, (notice) => notices.push(notice)), notices };
}

test('a stop leaves calls in progress some time, and says so when the time of the run is up', () => {
  const stop = new AbortController();
  const { shutdown, notices } = shutdownOf(stop.signal);
  shutdown.listen();
  stop.abort(OUT_OF_TIME);
  expect(shutdown.signal.aborted).toBe(false);
  expect(notices).toEqual([expect.stringContaining('--max-duration is over')]);
});

test('a stop that came before is heard, too, but not before the shutdown listens', () => {
  const { shutdown, notices } = shutdownOf(AbortSignal.abort(OUT_OF_TIME));
  expect(notices).toEqual([]);
  shutdown.listen();
  expect(notices).toHaveLength(1);
});

test('a signal says nothing here: who sent it hears of it elsewhere', () => {
  const { shutdown, notices } = shutdownOf(AbortSignal.abort('SIGTERM'));
  shutdown.listen();
  expect(notices).toEqual([]);
});

test('calls in progress end with the attempt, and a later stop is not heard', () => {
  const stop = new AbortController();
  const { shutdown, notices } = shutdownOf(stop.signal);
  shutdown.listen();
  shutdown.endNow();
  expect(shutdown.signal.aborted).toBe(true);
  stop.abort(OUT_OF_TIME);
  expect(notices).toEqual([]);
});
