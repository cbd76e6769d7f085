import { setTimeout as sleep } from 'node:timers/promises';
import { AbortedByStop, DestinationLocked } from '../../contract/destination-error.ts';
import { type LockWait, LockWaitClock } from '../../contract/lock-wait.ts';
import { DirectoryLock } from './directory-lock.ts';
import { holderText, isAlive, readHolder } from './lock-holder.ts';

type DirectoryLockWait = Pick<LockWait, 'maxMs' | 'onHolder'> & {
  /** Called when another run has the lock, before the wait. It throws to end the attempt at once. */
  readonly onTaken: () => void;
};

// A file system announces neither the death of a process nor the work of another machine.
const TRY_EVERY_MS = 1_000;

/**
 * Takes the lock of a directory, and waits for it while another run holds it.
 * @param wait null to be refused
 * @param prepare makes sure that the directory can be used, before each try
 * @returns `waitedMs`: null when the lock was free
 * @throws {DestinationLocked} when the time is over; {AbortedByStop}; the error of `prepare`
 */
export async function acquireLock(
  path: string,
  wait: DirectoryLockWait | null,
  stop: AbortSignal,
  prepare: () => Promise<void>,
): Promise<{ readonly lock: DirectoryLock; readonly waitedMs: number | null }> {
  const clock = wait === null ? null : new LockWaitClock(wait);
  for (;;) {
    await prepare();
    try {
      const lock = await DirectoryLock.acquire(path);
      return { lock, waitedMs: clock?.hasBegun ? clock.waitedMs : null };
    } catch (error) {
      if (wait === null || clock === null || !(error instanceof DestinationLocked)) throw error;
      if (!clock.hasBegun) wait.onTaken();
      clock.begin();
      if (clock.leftMs === 0) throw clock.timeIsOver(error.message);
      await untilSilent(path, clock, stop);
    }
  }
}

/** Resolves when the lock file has another holder or none, or its holder gives no sign of life, or the time is over. */
async function untilSilent(path: string, clock: LockWaitClock, stop: AbortSignal): Promise<void> {
  const before = await readHolder(path);
  for (let holder = before; ; holder = await readHolder(path)) {
    if (holder === null || holder.token !== before?.token || clock.leftMs === 0) return;
    // Without its last sign of life, which is another one every time.
    clock.sawHolder({ key: holder.token, text: holderText(holder) });
    await sleep(Math.min(TRY_EVERY_MS, clock.leftMs), undefined, { signal: stop }).catch(() => {
      throw new AbortedByStop(`${path} was held by another run when this one was asked to stop`, {
        cause: stop.reason,
      });
    });
    if (!(await isAlive(holder, Date.now()))) return;
  }
}
