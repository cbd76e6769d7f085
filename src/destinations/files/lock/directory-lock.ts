import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { systemCode } from '../../../errors/system-error.ts';
import { DestinationError, DestinationLocked, LockLost } from '../../contract/destination-error.ts';
import { exists } from '../../exists.ts';
import { replaceDurably, writeDurably } from '../storage/durable-file.ts';
import {
  type FoundHolder,
  type Holder,
  holderText,
  isAlive,
  isInSight,
  readHolder,
  thisHolder,
} from './lock-holder.ts';

const HEARTBEAT_MS = 5_000;
// The first try may find a dead holder, the second one that is gone by then.
const MAX_ATTEMPTS = 5;
const MAX_LOOKS = 10;
const LOOK_EVERY_MS = 50;

/** The lock of an export's directory: a file with its holder's name, kept fresh by a heartbeat. */
export class DirectoryLock {
  readonly #path: string;
  readonly #holder: Holder;
  /** The open lock file of this holder, never a later file in its place. */
  readonly #file: FileHandle;
  /**
   * How long ago the last run left the directory, ms by its file system's clock: releasing the lock changes the directory. 0 when
   * the lock of a dead holder was found.
   */
  readonly idleMs: number;
  #heartbeat: NodeJS.Timeout | undefined;

  private constructor(path: string, holder: Holder, file: FileHandle, idleMs: number) {
    this.#path = path;
    this.#holder = holder;
    this.#file = file;
    this.idleMs = idleMs;
  }

  /** Whether the earlier holder may still be alive: it may wake up and write to its open files. */
  get tookOverStaleLock(): boolean {
    return this.#holder.tookOverStaleLock === true;
  }

  /** @throws {DestinationLocked} while a living process holds it */
  static async acquire(path: string): Promise<DirectoryLock> {
    let holder = await thisHolder(randomUUID());
    const own = `${path}.${holder.token}`;
    const leftAtMs = (await exists(path)) ? null : (await stat(dirname(path))).mtimeMs;
    await writeDurably(own, JSON.stringify(holder));
    const idleMs = leftAtMs === null ? 0 : (await stat(own)).mtimeMs - leftAtMs;
    try {
      await take(own, path, async () => {
        holder = { ...holder, tookOverStaleLock: true };
        await replaceDurably(own, JSON.stringify(holder));
      });
    } finally {
      await rm(own, { force: true });
    }
    const file = await open(path, 'r+');
    const lock = new DirectoryLock(path, holder, file, idleMs);
    if ((JSON.parse(await file.readFile('utf8')) as Holder).token !== holder.token) {
      await lock.release();
      throw new DestinationLocked(`${path} was taken by another attempt at the same time; start again`);
    }
    lock.#beat();
    return lock;
  }

  /** Identifies this acquisition of the lock. */
  get token(): string {
    return this.#holder.token;
  }

  /** @throws {LockLost} when another process has the lock, because it took this one for dead */
  async verify(): Promise<void> {
    const holder = await readHolder(this.#path);
    if (holder?.token === this.#holder.token) return;
    const directory = dirname(this.#path);
    if (holder === null ? await isBeingRemoved(directory) : !(await exists(directory))) {
      throw new DestinationError(
        `the directory ${directory} was removed with the export in it; find out what removed it, and start again`,
      );
    }
    const taker = holder === null ? 'it was removed' : `process ${holder.pid} on ${holder.host} has it`;
    throw new LockLost(`the lock ${this.#path} was lost while this run was at work: ${taker}`);
  }

  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    await this.#file.close();
    const holder = await readHolder(this.#path);
    if (holder?.token === this.#holder.token) await rm(this.#path, { force: true });
  }

  #beat(): void {
    this.#heartbeat = setInterval(() => {
      // Best effort: verify() stops a run that has lost its lock.
      this.#showLife().catch(() => {});
    }, HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /** Rewrites the file unchanged, so that the file system sets its time. That clock is the same for all machines. */
  async #showLife(): Promise<void> {
    await this.#file.write(JSON.stringify(this.#holder), 0);
    await this.#file.sync();
  }
}

/**
 * Creates the lock file. Removes that of a dead holder first.
 * @param onSilent called before the lock of a holder that may still be alive is taken
 * @throws {DestinationLocked} while a living process holds it
 */
async function take(own: string, path: string, onSilent?: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    if (await linked(own, path)) return;
    const other = await readHolder(path);
    if (other === null) continue;
    // The file just written has the time of this file system.
    if (await isAlive(other, (await stat(own)).mtimeMs)) throw new DestinationLocked(heldBy(path, other));
    if (other.tookOverStaleLock === true || !(await isInSight(other))) await onSilent?.();
    await removeDead(own, path, other);
  }
  throw new DestinationLocked(`${path} is contended by several attempts at once; start again`);
}

/**
 * Removes the lock file of a dead holder. Several processes may try at once, and the file may belong to a living holder a moment
 * later. So only the process with the right to remove this one holder checks again and removes the file. That right is a lock,
 * too, and its holder may die.
 */
async function removeDead(own: string, path: string, dead: FoundHolder): Promise<void> {
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
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Another process may be deleting the directory: its lock file is gone, and the rest is still there. */
async function isBeingRemoved(directory: string): Promise<boolean> {
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    if (!(await exists(directory))) return true;
    await setTimeout(LOOK_EVERY_MS);
  }
  return false;
}

const heldBy = (path: string, holder: FoundHolder): string =>
  `another run is at work here: ${holderText(holder)} (${path})`;
