import { exitCodes } from '../../errors/exit-codes.ts';
import type { CheckResult } from './inspection.ts';

/** Whether the lock of a destination is free. @param holder the holder in words, or null */
export const lockFinding = (holder: string | null): CheckResult =>
  holder === null
    ? { subject: 'lock', state: 'pass', message: 'no run is at work here' }
    : {
        subject: 'lock',
        state: 'fail',
        message: `another run is at work here: ${holder}`,
        hint: 'wait until it ends, or stop it',
        exitCode: exitCodes.locked,
      };
