import type { Progress } from '../../run/events/run-events.ts';

/** A snapshot of a run, and its instant, in ms of the monotonic clock. */
export type Look = { readonly at: number; readonly progress: Progress };

/** The progress of a run, for a terminal, a log line, or machines. */
export type ProgressFigures = {
  /** Users of the plan, processed users, and failed users among them. */
  readonly users: number;
  readonly usersDone: number;
  readonly usersFailed: number;
  /** Users who wait before their next attempt. */
  readonly usersWaiting: number;
  /** At the speed of the last minutes, in steps of a tenth; null without enough data. */
  readonly secondsLeft: number | null;
  /** The processes at work on a shared run; null for a run of one process. */
  readonly workers: number | null;
  /** Recent, to a thousandth; of all processes of a shared run, from a few seconds after the start on. */
  readonly callsASecond: number;
  /** The allowed calls a second, and the share that rate-limit errors have left. */
  readonly quota: number;
  readonly throttleRatio: number;
  /** The margin in use, ms to a tenth, and calls of this attempt that were answered with a rate-limit error. */
  readonly rateMarginMs: number;
  readonly rateLimitedCalls: number;
  /** Rows of the exported users. */
  readonly rows: number;
  /** Retries of this attempt, by the code or kind of failure that caused them. */
  readonly retries: Readonly<Record<string, number>>;
  /** The main bottleneck of the last seconds; null at the start. */
  readonly bottleneck: keyof Progress['waits'] | null;
};

/**
 * @param now the last of the snapshots, which are in order
 * @param looks.first the first of the attempt
 * @param looks.trend the start of the interval for the remaining time, minutes ago
 * @param looks.pace the start of the interval for the shown speed, seconds ago
 * @param looks.moment the start of the interval for the bottleneck, a little ago
 */
export function progressFigures(
  now: Look,
  { first, trend, pace, moment }: Readonly<Record<'first' | 'trend' | 'pace' | 'moment', Look>>,
  quota: number,
): ProgressFigures {
  const { users, usersDone, counts, waiting, workers } = now.progress;
  const { throttleRatio, rateMarginMs, rateLimitedCalls, retries } = now.progress;
  const elsewhere = callsASecondElsewhere(trend, now);
  return {
    users,
    usersDone,
    usersFailed: counts.failed,
    usersWaiting: waiting,
    // Until others have been heard, their part is unknown.
    secondsLeft:
      elsewhere === null && workers !== null && workers > 1
        ? null
        : secondsLeft(now.progress, first.progress, callsASecond(trend, now) + (elsewhere ?? 0)),
    workers,
    // Others say every few seconds how many calls they have made. Over a short time, their speed would flicker.
    callsASecond: rounded(callsASecond(pace, now) + (elsewhere ?? 0), 1_000),
    quota,
    throttleRatio,
    rateMarginMs: rounded(rateMarginMs, 10),
    rateLimitedCalls,
    rows: counts.conversations + counts.contactGroups + counts.memberships,
    retries: { ...retries },
    bottleneck: mostWaitedFor(now.progress.waits, moment.progress.waits),
  };
}

// With less left, it is the retries that decide.
const LAST_CALLS_MS = 1_000;

const rounded = (value: number, parts: number): number => Math.round(value * parts) / parts;

function callsASecond(before: Look, now: Look): number {
  const ms = now.at - before.at;
  return ms > 0 ? ((now.progress.calls - before.progress.calls) * 1000) / ms : 0;
}

/** Between the instants at which their calls were read; null without two of them. */
function callsASecondElsewhere(
  { progress: { elsewhere: before } }: Look,
  { progress: { elsewhere: now } }: Look,
): number | null {
  if (before === null || now === null || now.at <= before.at) return null;
  return ((now.calls - before.calls) * 1000) / (now.at - before.at);
}

function secondsLeft(
  { users, usersDone, calls, elsewhere, counts, waiting, retriesAheadMs }: Progress,
  first: Progress,
  callsASecond: number,
): number | null {
  const done = counts.exported + counts.notInApp + counts.failed;
  if (callsASecond <= 0 || done === 0) return null;
  const callsAUser = counts.calls / done;
  // Calls for users who are not committed yet.
  const made = calls - first.calls + (elsewhere?.calls ?? 0) - (first.elsewhere?.calls ?? 0);
  const ahead = made - (counts.calls - first.counts.calls);
  const callsLeft = (users - usersDone) * callsAUser - ahead;
  const callsMs = (Math.max(0, callsLeft) * 1000) / callsASecond;
  // Users are retried for longer than expected, or the destination takes its time: nothing is known of how long.
  if (callsMs + retriesAheadMs === 0 || (waiting > 0 && retriesAheadMs === 0 && callsMs < LAST_CALLS_MS))
    return null;
  return rounded((callsMs + retriesAheadMs) / 1000, 10);
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
