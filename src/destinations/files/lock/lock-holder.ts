import { open, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { systemCode } from '../../../errors/system-error.ts';
import { DestinationLocked } from '../../contract/destination-error.ts';
import { processStartedAt, processState } from './process-start.ts';

/** The holder of a lock, from the lock file. */
export type Holder = {
  readonly token: string;
  readonly host: string;
  readonly pid: number;
  /** The namespace of the process number: containers may share a host's name, but not its numbers. */
  readonly pidNamespace: string | null;
  /** When the holder's process started, by its system: another process may get its number. */
  readonly processStart: string | null;
  readonly since: string;
  /** Whether the lock was taken from a holder that may still be alive. Files of older versions lack it. */
  readonly tookOverStaleLock?: boolean;
};

/** A holder and its last heartbeat. */
export type FoundHolder = Holder & {
  /** When the lock file was last written, by the clock of its file system. */
  readonly writtenAt: Date;
};

// A holder on another machine cannot be checked. It counts as dead after this time without a heartbeat.
const STALE_MS = 60_000;

/** This process, as the holder of a lock. */
export async function thisHolder(token: string): Promise<Holder> {
  return {
    token,
    host: hostname(),
    pid: process.pid,
    pidNamespace: await pidNamespace(),
    processStart: await processStartedAt(process.pid),
    since: new Date().toISOString(),
  };
}

/** The holder named by a lock file; null when there is none. */
export async function readHolder(path: string): Promise<FoundHolder | null> {
  try {
    const file = await open(path, 'r');
    try {
      // Network file systems return fresh attributes of a file after it was opened.
      const text = await file.readFile('utf8');
      return { ...(JSON.parse(text) as Holder), writtenAt: (await file.stat()).mtime };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    if (error instanceof SyntaxError) {
      throw new DestinationLocked(`${path} is not a lock of this program; remove it if nothing runs here`);
    }
    throw error;
  }
}

/**
 * Whether a lock's holder is alive: by its process, if that is visible from here, otherwise by its heartbeat.
 * @param nowMs unix; if possible by the clock of the lock's file system, since the clocks of two machines may differ
 */
export async function isAlive(holder: FoundHolder, nowMs: number): Promise<boolean> {
  if (!(await isInSight(holder))) {
    return nowMs - holder.writtenAt.getTime() < STALE_MS;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: the process is alive, under another account.
    if (systemCode(error) !== 'EPERM') return false;
  }
  const now = await processState(holder.pid);
  if (now === null) return true;
  return !now.isOver && (holder.processStart === null || now.startedAt === holder.processStart);
}

/** The living holder of a lock, or null. Writes nothing. */
export async function livingHolder(path: string): Promise<FoundHolder | null> {
  const holder = await readHolder(path);
  // Nothing is written here, so there is no fresh time of the file system. This machine's clock is used instead.
  return holder !== null && (await isAlive(holder, Date.now())) ? holder : null;
}

/** Whether a holder's process is visible from here. Then its death is certain, and not inferred from its silence. */
export const isInSight = async ({ host, pidNamespace: its }: Holder): Promise<boolean> =>
  host === hostname() && (its ?? null) === (await pidNamespace());

/** A holder in words: the process, the host, and since when. */
export const holderText = ({ pid, host, since, writtenAt }: FoundHolder): string =>
  `process ${pid} on ${host}, since ${since}, last sign of life ${writtenAt.toISOString()}`;

/** The namespace of this process number; null if the system has none. */
export async function pidNamespace(): Promise<string | null> {
  return await readlink('/proc/self/ns/pid').catch(() => null);
}
