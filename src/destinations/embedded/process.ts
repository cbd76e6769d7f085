import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { procStat } from '../proc-stat.ts';

/**
 * `PID-START` of a live process. START tells it from later processes with the same number, which comes back soon in containers.
 * `undefined` when no such process lives. From /proc on Linux, or else from ps.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const stat = await procStat(pid);
    return stat === null || stat.isOver ? undefined : `${pid}-${stat.startTicks}`;
  }
  const lines = await ps(pid, 'lstart');
  return lines && `${pid}-${Date.parse(lines) / 1000}`;
}

// The rest of a command line may be confidential.
const COMMAND_ENDS_AT = /^-/;

/** A process in words: its number, its command without options, whether it is stopped, and since when it runs. */
export async function processText(pid: number): Promise<string> {
  const words = (await ps(pid, 'args'))?.split(/\s+/) ?? [];
  const end = words.findIndex((word) => COMMAND_ENDS_AT.test(word));
  const command = words.slice(0, end === -1 ? undefined : end).join(' ');
  const state = await ps(pid, 'stat');
  const began = await ps(pid, 'lstart');
  const since = began === undefined || Number.isNaN(Date.parse(began)) ? null : new Date(Date.parse(began));
  const facts = [
    ...(command === '' ? [] : [command]),
    ...(state?.startsWith('T') ? ['stopped, as by Ctrl+Z'] : []),
    ...(since === null ? [] : [`since ${since.toISOString().replace('.000Z', 'Z')}`]),
  ];
  return `process ${pid}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
}

/** Whether the live process of this number is the PostgreSQL server (or one of its processes) of that directory. */
export async function isServerOf(pid: number, dir: string): Promise<boolean> {
  if ((await processIdentity(pid)) === undefined) return false;
  if (process.platform === 'linux') {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    if (cwd !== undefined) return cwd === dir;
    return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).startsWith('postgres');
  }
  return /(^|\/)postgres$/.test((await ps(pid, 'comm')) ?? '');
}

async function ps(pid: number, column: string): Promise<string | undefined> {
  const run = promisify(execFile)('/bin/ps', ['-o', `${column}=`, '-p', String(pid)], {
    env: { LC_ALL: 'C' },
  });
  return await run.then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  );
}
