import { exitCodes } from '../../errors/exit-codes.ts';
import type { CheckResult } from './inspection.ts';
import { timeInWords } from './lock-wait.ts';

const HINT = 'wait until it ends, or stop it';

/** Whether the lock of a destination is free. @param holder the holder in words, or null */
export const lockFinding = (holder: string | null): CheckResult =>
  holder === null
    ? { subject: 'lock', state: 'pass', message: 'no run is at work here' }
    : {
        subject: 'lock',
        state: 'fail',
        message: `another run is at work here: ${holder}`,
        hint: HINT,
        exitCode: exitCodes.locked,
      };

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
          `an attempt now would wait up to ${timeInWords(maxMs)} for it (--wait-for-lock), resume the run if it is left ` +
          'unfinished, and do nothing if it finishes',
      };
