import { randomUUID } from 'node:crypto';
import { link, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { DestinationLocked, LockLost } from '../destination-error.ts';
import { writeDurably } from './durable-file.ts';
import { processStartedAt } from './process-start.ts';

type Holder = {
  readonly token: string;
  readonly host: string;
  readonly pid: number;
  /** When the holder's process began, as its system tells it: another process may get its number. */
  readonly processStart: string | null;
  readonly since: string;
  readonly heartbeatAt: string;
};

const HEARTBEAT_MS = 5_000;
// A holder on another machine cannot be looked at; one that has been silent for so long is taken for dead.
const SILENT_MS = 60_000;
// The first may find a dead holder, the second one that is gone by then.
const MOST_ATTEMPTS = 5;

/** The lock of an export's directory: a file with its holder's name, kept fresh by a heartbeat. */
export class DirectoryLock {
  readonly #path: string;
  readonly #holder: Holder;
  #heartbeat: NodeJS.Timeout | undefined;

  private constructor(path: string, holder: Holder) {
    this.#path = path;
    this.#holder = holder;
  }

  /** @throws {DestinationLocked} while a living process holds it */
  static async acquire(path: string): Promise<DirectoryLock> {
    const now = new Date().toISOString();
    const holder: Holder = {
      token: randomUUID(),
      host: hostname(),
      pid: process.pid,
      processStart: await processStartedAt(process.pid),
      since: now,
      heartbeatAt: now,
    };
    const own = `${path}.${holder.token}`;
    await writeDurably(own, JSON.stringify(holder));
    try {
      await take(own, path);
    } finally {
      await rm(own, { force: true });
    }
    const lock = new DirectoryLock(path, holder);
    lock.#beat();
    return lock;
  }

  /** @throws {LockLost} when the lock is no longer this process's: it may have been taken for dead */
  async verify(): Promise<void> {
    const holder = await readHolder(this.#path);
    if (holder?.token === this.#holder.token) return;
    const taker = holder === null ? 'it was removed' : `process ${holder.pid} on ${holder.host} has it`;
    throw new LockLost(`the lock ${this.#path} was lost while this run was at work: ${taker}`);
  }

  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    const holder = await readHolder(this.#path);
    if (holder?.token === this.#holder.token) await rm(this.#path, { force: true });
  }

  #beat(): void {
    this.#heartbeat = setInterval(() => {
      const now = new Date();
      // Best effort: verify() is what stops a run that has lost its lock.
      utimes(this.#path, now, now).catch(() => {});
    }, HEARTBEAT_MS);
    this.#heartbeat.unref();
  }
}

/**
 * Puts a holder's file at the lock's place; a dead holder's is removed first.
 * @throws {DestinationLocked} while a living process holds it
 */
async function take(own: string, path: string): Promise<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    if (await linked(own, path)) return;
    const other = await readHolder(path);
    if (other === null) continue;
    if (await isAlive(other)) throw new DestinationLocked(heldBy(path, other));
    await removeDead(own, path, other);
  }
  throw new DestinationLocked(`${path} is fought over by several starts at once; start again`);
}

/**
 * Removes a dead holder's file. Several starters may want to, and the lock may be a living one's a moment later: only
 * who holds the right to remove this very holder looks again and does. That right is a lock too, and its holder may die.
 */
async function removeDead(own: string, path: string, dead: Holder): Promise<void> {
  const right = `${path}.dead-${dead.token}`;
  await take(own, right);
  try {
    if ((await readHolder(path))?.token === dead.token) await rm(path);
  } finally {
    await rm(right, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const [text, { mtime }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return { ...(JSON.parse(text) as Holder), heartbeatAt: mtime.toISOString() };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    if (error instanceof SyntaxError) {
      throw new DestinationLocked(`${path} is not a lock of this program; remove it if nothing runs here`);
    }
    throw error;
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return Date.now() - Date.parse(holder.heartbeatAt) < SILENT_MS;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives, under another account.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const start = await processStartedAt(holder.pid);
  return holder.processStart === null || start === null || start === holder.processStart;
}

const heldBy = (path: string, holder: Holder): string =>
  `another run is at work here: process ${holder.pid} on ${holder.host}, since ${holder.since}, ` +
  `last sign of life ${holder.heartbeatAt} (${path})`;
