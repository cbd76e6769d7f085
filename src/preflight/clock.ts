import type { CheckResult } from '../destinations/contract/inspection.ts';

/**
 * This machine's clock against the API's.
 * @param skewMs how far it is ahead, negative when behind; null without a measurement
 * @param fault what is wrong with it, in words; null when nothing is
 * @param isAnswered whether the API answered at all
 */
export function clockFinding(skewMs: number | null, fault: string | null, isAnswered: boolean): CheckResult {
  const subject = 'clock';
  if (skewMs === null && !isAnswered)
    return { subject, state: 'unknown', message: 'unknown: the API did not answer' };
  if (skewMs === null) return { subject, state: 'unknown', message: 'unknown: no answer had a Date header' };
  if (fault !== null) {
    return {
      subject,
      state: 'warn',
      message: fault,
      hint: 'run an NTP client such as chrony or systemd-timesyncd',
    };
  }
  // A Date header has whole seconds.
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const message =
    seconds <= 1 ? "agrees with the API's" : `${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} the API's`;
  return { subject, state: 'pass', message };
}
