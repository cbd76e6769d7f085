import { readdir, readFile } from 'node:fs/promises';

/** The processes of a session (Linux), each with its share of memory; those that end meanwhile are left out. */
async function membersOf(session: number): Promise<string[]> {
  const members: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The name, in brackets, may hold anything; after it come state, parent, group, session.
    const [, , , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(of) === session) members.push(pid);
  }
  return members;
}

/**
 * Memory of all processes of a session in MiB. Pages that several of them share count once, in parts (Pss): a rival
 * that forks workers is not charged twice for what they share.
 */
export async function memoryOf(session: number): Promise<number> {
  let kiB = 0;
  for (const pid of await membersOf(session)) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    kiB += Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
  }
  return kiB / 1024;
}

const TICKS_A_SECOND = 100;

/** CPU seconds, user and system, of a process and of those of its children that have ended. */
export async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
  return ((user ?? 0) + (system ?? 0) + (childrenUser ?? 0) + (childrenSystem ?? 0)) / TICKS_A_SECOND;
}
