import type { Progress } from '../run/run-events.ts';
import { grouped, percent, timeSpan } from './figures.ts';

/** Where a run stands, as one line of text without its end. */
export function progressText(progress: Progress, callsASecond: number, rate: number): string {
  const { users, usersDone, counts, failedCalls, waiting, paceFactor } = progress;
  const rows = counts.conversations + counts.contactGroups + counts.memberships;
  const left = timeLeft(progress, callsASecond);
  const parts = [
    `${grouped(usersDone)} of ${grouped(users)} users (${percent(users === 0 ? 1 : usersDone / users)})`,
    left === null ? null : `${timeSpan(left)} left`,
    `${grouped(callsASecond)} of ${grouped(rate)} calls/s${paceFactor < 0.995 ? ', slowed by limit codes' : ''}`,
    `${grouped(rows)} rows`,
    failedCalls > 0 ? `${grouped(failedCalls)} calls failed` : null,
    waiting > 0 ? `${grouped(waiting)} to try again` : null,
    counts.failed > 0 ? `${grouped(counts.failed)} ${counts.failed === 1 ? 'user' : 'users'} failed` : null,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

/** At the pace of this start so far; null while there is too little to judge by. */
function timeLeft({ users, usersDone, calls, counts }: Progress, callsASecond: number): number | null {
  const done = counts.exported + counts.notInApp + counts.failed;
  if (callsASecond <= 0 || calls === 0 || done === 0) return null;
  const callsAUser = counts.calls / done;
  return ((users - usersDone) * callsAUser * 1000) / callsASecond;
}
