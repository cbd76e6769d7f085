import { readFile } from 'node:fs/promises';

// The 22nd field of /proc/PID/stat (proc(5)): the time the process started after boot, in clock ticks.
const START_TIME_AFTER_NAME = 19;

/** When a process of this machine began, in the system's own terms; null where the system does not tell. */
export async function processStartedAt(pid: number): Promise<string | null> {
  try {
    const [stat, bootId] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // The name in parentheses may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${bootId.trim()}:${fields[START_TIME_AFTER_NAME] ?? ''}`;
  } catch {
    return null;
  }
}
