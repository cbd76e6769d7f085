import { exitCodes } from '../../errors/exit-codes.ts';
import { timeSpan } from '../../text/format.ts';
import type { CheckResult } from './inspection.ts';

const HINT = 'wait until it ends, or stop it';

/** Who holds the lock of a destination, in words, and whether others can hold it, too. */
type Holder = { readonly text: string; readonly isShared: boolean };

/** Whether the lock of a destination is free. @param share whether the job shares its run */
export function lockFinding(holder: Holder | null, share = false): CheckResult {
  const subject = 'lock';
  if (holder === null) return { subject, state: 'pass', message: 'no run is at work here' };
  if (share && holder.isShared)
    return { subject, state: 'pass', message: `a shared run is at work here: ${holder.text}` };
  return {
    subject,
    state: 'fail',
    message: `another run is at work here: ${holder.text}`,
    hint: HINT,
    exitCode: exitCodes.locked,
  };
}

/** The same finding for a run that waits for a lock: a taken lock does not end it. @param maxMs null if it does not wait */
export const awaitedLock = (finding: CheckResult, maxMs: number | null): CheckResult =>
  // A file in the place of the lock is refused in any case, and has another hint.
  maxMs === null || finding.exitCode !== exitCodes.locked || finding.hint !== HINT
    ? finding
    : {
        subject: finding.subject,
        state: 'warn',
        message: finding.message,
        hint:
          `an attempt now would wait up to ${timeSpan(maxMs)} for it (--wait-for-lock), resume the run if it is left ` +
          'unfinished, and do nothing if it finishes',
      };
