import { expect, test } from 'vitest';
import { AttemptPhase } from '../../../../src/cli/commands/run/attempt-phase.ts';
import { NO_COUNTS } from '../../../../src/destinations/contract/counts.ts';
import type { Progress, RunEvents } from '../../../../src/run/events/run-events.ts';

type Opened = Parameters<NonNullable<RunEvents['onOpened']>>[0];

const openedWith = (usersDone: number): Opened =>
  ({
    record: { runId: 7, counts: NO_COUNTS },
    destination: 'csv:export',
    progress: () =>
      ({ usersDone, counts: { ...NO_COUNTS, exported: usersDone }, calls: 9, failedCalls: 2 }) as Progress,
  }) as Opened;

test('before a run is opened there is no work to finish and no outcome to show', () => {
  const phase = new AttemptPhase();
  expect(phase).toMatchObject({ isOpened: false, isAtWork: false });
  expect(phase.effectOfSignal).toMatch(/not opened yet; nothing was called/);
  expect(phase.failed('it broke')).toBeNull();
});

test('a run that is opened has work to finish, until it ends', () => {
  const phase = new AttemptPhase();
  phase.events.onOpened?.(openedWith(0));
  expect(phase).toMatchObject({ isOpened: true, isAtWork: true });
  expect(phase.effectOfSignal).toMatch(/^finishing calls in progress/);
  phase.end();
  expect(phase).toMatchObject({ isOpened: true, isAtWork: false });
  expect(phase.effectOfSignal).toMatch(/the run has ended/);
});

test('a failed attempt shows what is committed, and starting over is offered only while nothing is', () => {
  const phase = new AttemptPhase();
  phase.events.onOpened?.(openedWith(3));
  expect(phase.failed('it broke')).toEqual({
    outcome: expect.objectContaining({
      kind: 'failed',
      error: 'it broke',
      record: { runId: 7, counts: { ...NO_COUNTS, exported: 3 } },
      destination: 'csv:export',
      calls: 9,
      failedCalls: 2,
    }),
    next: 'committed data is safe; the same command resumes run 7',
  });
  const untouched = new AttemptPhase();
  untouched.events.onOpened?.(openedWith(0));
  expect(untouched.failed('it broke')?.next).toMatch(
    /^nothing is committed yet; .* resumes run 7, or starts over with --fresh/,
  );
});
