import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * `PID-START` of a live process. START tells it from later processes with the same number, which comes back soon in containers.
 * `undefined` when no such process lives. From `/proc/PID/stat` (proc(5), fields 1, 3 and 22), or from ps if there is no /proc.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The name in parentheses may hold anything, parentheses and spaces included.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, start] = [fields[0], fields[19]];
    return start === undefined || state === 'Z' ? undefined : `${pid}-${start}`;
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
