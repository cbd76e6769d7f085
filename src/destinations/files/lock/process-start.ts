import { readFile } from 'node:fs/promises';

// Fields of /proc/PID/stat (proc(5)) after the name: the 3rd of all is the state, the 22nd the time the process started after
// boot, in clock ticks.
const STATE_AFTER_NAME = 0;
const START_TIME_AFTER_NAME = 19;
// A zombie: it was killed, and its parent has not collected it. It never runs again.
const OVER = /^[ZX]$/;

/** What the system reports of a process of this machine. `startedAt` is in its own unit. */
export type ProcessState = { readonly startedAt: string; readonly isOver: boolean };

/** Null if the system reports nothing. */
export async function processState(pid: number): Promise<ProcessState | null> {
  try {
    const [stat, bootId] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // The name in parentheses may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      startedAt: `${bootId.trim()}:${fields[START_TIME_AFTER_NAME] ?? ''}`,
      isOver: OVER.test(fields[STATE_AFTER_NAME] ?? ''),
    };
  } catch {
    return null;
  }
}

/** When a process of this machine started; null if the system does not report it. */
export const processStartedAt = async (pid: number): Promise<string | null> =>
  (await processState(pid))?.startedAt ?? null;
