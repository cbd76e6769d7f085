import { readFile } from 'node:fs/promises';
import { procStat } from '../../proc-stat.ts';

/** A process of this machine, as the system reports it. `startedAt` is in its own unit. */
export type ProcessState = { readonly startedAt: string; readonly isOver: boolean };

/** Null if the system reports nothing. */
export async function processState(pid: number): Promise<ProcessState | null> {
  const [stat, bootId] = await Promise.all([
    procStat(pid),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null),
  ]);
  if (stat === null || bootId === null) return null;
  return { startedAt: `${bootId.trim()}:${stat.startTicks}`, isOver: stat.isOver };
}

/** When a process of this machine started; null if the system does not report it. */
export const processStartedAt = async (pid: number): Promise<string | null> =>
  (await processState(pid))?.startedAt ?? null;
