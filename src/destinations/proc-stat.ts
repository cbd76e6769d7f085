import { readFile } from 'node:fs/promises';

// Fields of /proc/PID/stat (proc(5)) after the name: the 3rd of all is the state, the 22nd the time the process started after
// boot, in clock ticks.
const STATE_AFTER_NAME = 0;
const START_TIME_AFTER_NAME = 19;
// A zombie: it was killed, and its parent has not collected it. It never runs again.
const OVER = /^[ZX]$/;

/** A process as Linux reports it. Its number and `startTicks` tell it from later processes with the same number. */
export type ProcStat = { readonly startTicks: string; readonly isOver: boolean };

/** Null if there is no such process, or no /proc. */
export async function procStat(pid: number): Promise<ProcStat | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold anything, parentheses and spaces included.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTicks = fields[START_TIME_AFTER_NAME];
  return startTicks === undefined ? null : { startTicks, isOver: OVER.test(fields[STATE_AFTER_NAME] ?? '') };
}
