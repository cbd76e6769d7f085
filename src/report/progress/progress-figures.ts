import type { Progress } from '../../run/events/run-events.ts';

/** A look at a run, and when that was, in ms of the monotonic clock. */
export type Look = { readonly at: number; readonly progress: Progress };

/** Where a run stands, as it is told: on a terminal, in a log line, to machines. */
export type ProgressFigures = {
  /** Users of the plan, those done with, and those of them who failed. */
  readonly users: number;
  readonly usersDone: number;
  readonly usersFailed: number;
  /** Users who wait before they are tried again. */
  readonly usersWaiting: number;
  /** At the pace of some minutes, to a tenth; null while there is too little to judge by. */
  readonly secondsLeft: number | null;
  /** Of late, to a thousandth. */
  readonly callsASecond: number;
  /** Calls a second that may be made, and the share of them that rate-limit errors have left. */
  readonly quota: number;
  readonly throttleRatio: number;
  /** Rows of the users exported. */
  readonly rows: number;
  /** Calls of this attempt that tried a page again, by the code or the kind of fault that made them necessary. */
  readonly retries: Readonly<Record<string, number>>;
  /** What the run has waited for most of late; null when it was only just begun. */
  readonly bottleneck: keyof Progress['waits'] | null;
};

/**
 * @param now the last look of `looks`, which are in order
 * @param looks.first the one when the start began
 * @param looks.trend the one from which on the pace is counted that is to last, minutes ago
 * @param looks.pace the one from which on the pace is counted that is told, seconds ago
 * @param looks.moment the one from which on "now" is counted, a little ago
 */
export function progressFigures(
  now: Look,
  { first, trend, pace, moment }: Readonly<Record<'first' | 'trend' | 'pace' | 'moment', Look>>,
  quota: number,
): ProgressFigures {
  const { users, usersDone, counts, waiting, throttleRatio, retries } = now.progress;
  return {
    users,
    usersDone,
    usersFailed: counts.failed,
    usersWaiting: waiting,
    secondsLeft: secondsLeft(now.progress, first.progress, callsASecond(trend, now)),
    callsASecond: rounded(callsASecond(pace, now), 1_000),
    quota,
    throttleRatio,
    rows: counts.conversations + counts.contactGroups + counts.memberships,
    retries: { ...retries },
    bottleneck: mostWaitedFor(now.progress.waits, moment.progress.waits),
  };
}

const rounded = (value: number, parts: number): number => Math.round(value * parts) / parts;

function callsASecond(before: Look, now: Look): number {
  const ms = now.at - before.at;
  return ms > 0 ? ((now.progress.calls - before.progress.calls) * 1000) / ms : 0;
}

function secondsLeft(
  { users, usersDone, calls, counts }: Progress,
  first: Progress,
  callsASecond: number,
): number | null {
  const done = counts.exported + counts.notInApp + counts.failed;
  if (callsASecond <= 0 || done === 0) return null;
  const callsAUser = counts.calls / done;
  // Made for users who are not committed yet.
  const ahead = calls - first.calls - (counts.calls - first.counts.calls);
  const callsLeft = (users - usersDone) * callsAUser - ahead;
  // The last users may take any number of tries, and the destination its time.
  return callsLeft > 0 ? rounded(callsLeft / callsASecond, 10) : null;
}

function mostWaitedFor(now: Progress['waits'], before: Progress['waits']): ProgressFigures['bottleneck'] {
  let most: ProgressFigures['bottleneck'] = null;
  let mostMs = 0;
  for (const wait of Object.keys(now) as (keyof Progress['waits'])[]) {
    const ms = now[wait] - before[wait];
    if (ms <= mostMs) continue;
    most = wait;
    mostMs = ms;
  }
  return most;
}
