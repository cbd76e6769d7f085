import type { Progress } from '../run/run-events.ts';

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
  /** At the pace of late; null while there is too little to judge by. */
  readonly secondsLeft: number | null;
  readonly callsASecond: number;
  /** Calls a second that may be made, and the share of them that limit codes have left. */
  readonly quota: number;
  readonly paceFactor: number;
  /** Rows of the users exported. */
  readonly rows: number;
  /** Calls of this start that tried a page again, by the code or the kind of fault that made them necessary. */
  readonly retries: Readonly<Record<string, number>>;
  /** What the run has waited for most of late; null when it was only just begun. */
  readonly waitsFor: keyof Progress['waits'] | null;
};

/**
 * @param now the last look of `looks`, which are in order
 * @param looks.first the one when the start began
 * @param looks.pace the one from which the pace is counted, some time ago
 * @param looks.moment the one from which on "now" is counted, a little ago
 */
export function progressFigures(
  now: Look,
  { first, pace, moment }: { readonly first: Look; readonly pace: Look; readonly moment: Look },
  quota: number,
): ProgressFigures {
  const { users, usersDone, counts, waiting, paceFactor, retries } = now.progress;
  const ms = now.at - pace.at;
  const callsASecond = ms > 0 ? ((now.progress.calls - pace.progress.calls) * 1000) / ms : 0;
  return {
    users,
    usersDone,
    usersFailed: counts.failed,
    usersWaiting: waiting,
    secondsLeft: secondsLeft(now.progress, first.progress, callsASecond),
    callsASecond,
    quota,
    paceFactor,
    rows: counts.conversations + counts.contactGroups + counts.memberships,
    retries: { ...retries },
    waitsFor: mostWaitedFor(now.progress.waits, moment.progress.waits),
  };
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
  return Math.max(0, (users - usersDone) * callsAUser - ahead) / callsASecond;
}

function mostWaitedFor(now: Progress['waits'], before: Progress['waits']): ProgressFigures['waitsFor'] {
  let most: ProgressFigures['waitsFor'] = null;
  let mostMs = 0;
  for (const wait of Object.keys(now) as (keyof Progress['waits'])[]) {
    const ms = now[wait] - before[wait];
    if (ms <= mostMs) continue;
    most = wait;
    mostMs = ms;
  }
  return most;
}
