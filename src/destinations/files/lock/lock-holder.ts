import { open, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { DestinationLocked } from '../../contract/destination-error.ts';
import { processStartedAt, processState } from './process-start.ts';

/** Who holds a lock, as its file tells it. */
export type Holder = {
  readonly token: string;
  readonly host: string;
  readonly pid: number;
  /** What the process's number counts in: containers may share a host's name, but not its numbers. */
  readonly pidNamespace: string | null;
  /** When the holder's process began, as its system tells it: another process may get its number. */
  readonly processStart: string | null;
  readonly since: string;
  /** Whether it took the lock from one that was only taken for dead, and may wake. Files of older versions lack it. */
  readonly tookOverStaleLock?: boolean;
};

/** A holder with its last sign of life. */
export type FoundHolder = Holder & {
  /** When the lock's file was last written, by the clock of its file system. */
  readonly writtenAt: Date;
};

// A holder in another place cannot be looked at; one that has been silent for so long is taken for dead.
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

/** The holder whose file is at a path; null when there is none. */
export async function readHolder(path: string): Promise<FoundHolder | null> {
  try {
    const file = await open(path, 'r');
    try {
      // What a network file system knows of a file is fresh after opening it.
      const text = await file.readFile('utf8');
      return { ...(JSON.parse(text) as Holder), writtenAt: (await file.stat()).mtime };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    if (error instanceof SyntaxError) {
      throw new DestinationLocked(`${path} is not a lock of this program; remove it if nothing runs here`);
    }
    throw error;
  }
}

/**
 * Whether a lock's holder lives: by its process, where that can be seen from here, or by its signs of life.
 * @param nowMs unix; by the clock of the lock's file system where that can be had, since two machines' may differ
 */
export async function isAlive(holder: FoundHolder, nowMs: number): Promise<boolean> {
  if (!(await isInSight(holder))) {
    return nowMs - holder.writtenAt.getTime() < STALE_MS;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives, under another account.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const now = await processState(holder.pid);
  if (now === null) return true;
  return !now.isOver && (holder.processStart === null || now.startedAt === holder.processStart);
}

/** Who holds a lock now, looked at without writing anything; null when nobody living does. */
export async function livingHolder(path: string): Promise<FoundHolder | null> {
  const holder = await readHolder(path);
  // Nothing is written here to be stamped by the file system's clock: this machine's has to do.
  return holder !== null && (await isAlive(holder, Date.now())) ? holder : null;
}

/** Whether a holder's process can be looked at from here: its death is then certain, and no guess from its silence. */
export const isInSight = async ({ host, pidNamespace: its }: Holder): Promise<boolean> =>
  host === hostname() && (its ?? null) === (await pidNamespace());

/** A holder in words: who, where, since when. */
export const holderText = ({ pid, host, since, writtenAt }: FoundHolder): string =>
  `process ${pid} on ${host}, since ${since}, last sign of life ${writtenAt.toISOString()}`;

/** The namespace that numbers this process; null where the system has none. */
export async function pidNamespace(): Promise<string | null> {
  return await readlink('/proc/self/ns/pid').catch(() => null);
}
