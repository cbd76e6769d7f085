import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { DestinationLocked, LockLost } from '../../../src/destinations/contract/destination-error.ts';
import { FileDestination } from '../../../src/destinations/files/file-destination.ts';
import { DirectoryLock } from '../../../src/destinations/files/lock/directory-lock.ts';
import { pidNamespace } from '../../../src/destinations/files/lock/lock-holder.ts';
import { processStartedAt, processState } from '../../../src/destinations/files/lock/process-start.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { all, app, newRun, only, resultOf, userIds } from '../samples.ts';
import { exportDirectory, startHolder } from './ground.ts';

const lockPath = async (): Promise<string> => join(await temporaryDirectory(), '.lock');

type Fields = {
  pid?: number;
  host?: string;
  token?: string;
  processStart?: string | null;
  pidNamespace?: string | null;
  tookOverStaleLock?: boolean;
};

/** Puts a holder's file in place, like that of a running process of ours with the given changes. */
async function holdBy(path: string, fields: Fields = {}): Promise<void> {
  const holder = {
    token: 'other',
    host: hostname(),
    pid: process.pid,
    pidNamespace: await pidNamespace(),
    processStart: await processStartedAt(process.pid),
    since: '2026-11-22T03:00:00.000Z',
    ...fields,
  };
  await writeFile(path, JSON.stringify(holder));
}

/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const holder = startHolder(await exportDirectory());
  await holder.waitForLine(/^open$/);
  holder.kill('SIGKILL');
  await holder.exit;
  return holder.pid;
}

describe('the lock of a directory', () => {
  test('refuses a second process, saying who holds it and since when', async () => {
    const directory = await exportDirectory();
    const began = Date.now();
    const holder = startHolder(directory);
    await holder.waitForLine(/^open$/);
    const { since } = JSON.parse(await readFile(join(directory, '.lock'), 'utf8')) as { since: string };
    const error = await FileDestination.open(directory, app).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DestinationLocked);
    expect(String(error)).toContain(`process ${holder.pid} on ${hostname()}, since ${since}`);
    expect(Date.parse(since)).toBeGreaterThanOrEqual(began - 1_000);
    expect(Date.parse(since)).toBeLessThanOrEqual(Date.now());
  });

  test('reports how long ago the directory was left by the clock of its file system', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, '.lock');
    const idleMs = async (): Promise<number> => {
      const lock = await DirectoryLock.acquire(path);
      await lock.release();
      return lock.idleMs;
    };
    const hourAgo = new Date(Date.now() - 3_600_000);
    await utimes(directory, hourAgo, hourAgo);
    expect(await idleMs()).toBeGreaterThanOrEqual(3_599_000);
    // Releasing the lock changes the directory.
    expect(await idleMs()).toBeLessThan(3_599_000);
    await utimes(directory, hourAgo, hourAgo);
    await holdBy(path, { pid: await deadPid(), processStart: null });
    await utimes(directory, hourAgo, hourAgo);
    expect(await idleMs()).toBe(0);
  });

  test('is refused to a second opener in the same process, and free after the first closed', async () => {
    const directory = await exportDirectory();
    const first = await FileDestination.open(directory, app);
    await expect(FileDestination.open(directory, app)).rejects.toThrow(DestinationLocked);
    await first.close();
    await (await FileDestination.open(directory, app)).close();
    expect(await readdir(directory)).toEqual([]);
  });

  test('is taken at once from a process that was killed', async () => {
    const directory = await exportDirectory();
    const holder = startHolder(directory);
    await holder.waitForLine(/^open$/);
    holder.kill('SIGKILL');
    await holder.exit;
    await (await FileDestination.open(directory, app)).close();
    expect(await readdir(directory)).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'is taken from a process that is dead, though its parent has not noticed (needs Linux)',
    async () => {
      const path = await lockPath();
      // A shell that becomes a program which never asks for its dead children.
      const parent = spawn('sh', ['-c', "sh -c 'echo $$' & exec sleep 600"], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      onTestFinished(() => void parent.kill('SIGKILL'));
      const [reported] = await once(parent.stdout, 'data');
      const pid = Number(String(reported));
      await expect.poll(async () => (await processState(pid))?.isOver).toBe(true);
      await holdBy(path, { pid, processStart: (await processState(pid))?.startedAt ?? '' });
      await (await DirectoryLock.acquire(path)).release();
    },
  );

  test.runIf(process.platform === 'linux')(
    'is taken from a dead process whose number another one has now (needs Linux)',
    async () => {
      const path = await lockPath();
      const started = (await processStartedAt(process.pid)) ?? '';
      const boot = started.slice(0, started.indexOf(':'));
      for (const processStart of [`${boot}:1`, `another-boot${started.slice(started.indexOf(':'))}`]) {
        await holdBy(path, { processStart });
        const lock = await DirectoryLock.acquire(path);
        await lock.verify();
        await lock.release();
      }
      await holdBy(path);
      await expect(DirectoryLock.acquire(path)).rejects.toThrow(DestinationLocked);
    },
  );

  test('is left to a holder on another machine while its heart beats, and taken when it has been silent', async () => {
    const path = await lockPath();
    await holdBy(path, { host: 'elsewhere', pid: 1 });
    await expect(DirectoryLock.acquire(path)).rejects.toThrow(/process 1 on elsewhere/);
    const silentSince = new Date(Date.now() - 50_000);
    await utimes(path, silentSince, silentSince);
    await expect(DirectoryLock.acquire(path)).rejects.toThrow(DestinationLocked);
    const longAgo = new Date(Date.now() - 70_000);
    await utimes(path, longAgo, longAgo);
    const lock = await DirectoryLock.acquire(path);
    await lock.verify();
    await lock.release();
  });

  test('is left to a holder whose process is numbered elsewhere, on a host of the same name, while its heart beats', async () => {
    const path = await lockPath();
    const pid = await deadPid();
    await holdBy(path, { pid, pidNamespace: 'pid:[1]' });
    await expect(DirectoryLock.acquire(path)).rejects.toThrow(DestinationLocked);
    const longAgo = new Date(Date.now() - 70_000);
    await utimes(path, longAgo, longAgo);
    await (await DirectoryLock.acquire(path)).release();
    // A living process here may have that number.
    await holdBy(path, { pidNamespace: 'pid:[1]' });
    await utimes(path, longAgo, longAgo);
    await (await DirectoryLock.acquire(path)).release();
  });

  test('reports that a holder who may wake was only taken for dead, also when one died in between', async () => {
    const path = await lockPath();
    const tookOver = async (fields: Fields): Promise<boolean> => {
      await holdBy(path, fields);
      const longAgo = new Date(Date.now() - 70_000);
      await utimes(path, longAgo, longAgo);
      const lock = await DirectoryLock.acquire(path);
      const { tookOverStaleLock } = JSON.parse(await readFile(path, 'utf8')) as Fields;
      expect(tookOverStaleLock ?? false).toBe(lock.tookOverStaleLock);
      await lock.verify();
      await lock.release();
      return lock.tookOverStaleLock;
    };
    const pid = await deadPid();
    expect(await tookOver({ pid })).toBe(false);
    expect(await tookOver({ host: 'elsewhere' })).toBe(true);
    expect(await tookOver({ pidNamespace: 'pid:[1]' })).toBe(true);
    expect(await tookOver({ pid, tookOverStaleLock: true })).toBe(true);
    expect(await readdir(dirname(path))).toEqual([]);
  });

  test.each([-3_600_000, 3_600_000])(
    'is judged by the clock of its directory, not by that of a starter who is %i ms off',
    async (off) => {
      const path = await lockPath();
      const now = Date.now();
      await holdBy(path, { host: 'elsewhere' });
      vi.useFakeTimers({ toFake: ['Date'], now: now + off });
      try {
        await expect(DirectoryLock.acquire(path)).rejects.toThrow(DestinationLocked);
        const longAgo = new Date(now - 70_000);
        await utimes(path, longAgo, longAgo);
        await (await DirectoryLock.acquire(path)).release();
      } finally {
        vi.useRealTimers();
      }
    },
  );

  test('shows life every few seconds, by the clock of its directory, until another has it', async () => {
    const path = await lockPath();
    const written = async (): Promise<number> => (await stat(path)).mtimeMs;
    const longAgo = new Date(0);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const lock = await DirectoryLock.acquire(path);
      const content = await readFile(path, 'utf8');
      for (let beat = 0; beat < 2; beat += 1) {
        await utimes(path, longAgo, longAgo);
        vi.advanceTimersByTime(5_000);
        await expect.poll(written).toBeGreaterThan(Date.now() - 30_000);
      }
      expect(await readFile(path, 'utf8')).toBe(content);
      await rm(path);
      await holdBy(path, { token: 'its new holder' });
      const taken = await readFile(path, 'utf8');
      await utimes(path, longAgo, longAgo);
      vi.advanceTimersByTime(20_000);
      await lock.release();
      expect(await written()).toBe(0);
      expect(await readFile(path, 'utf8')).toBe(taken);
    } finally {
      vi.useRealTimers();
    }
  });

  test('goes to exactly one of several starters over a dead lock', async () => {
    const path = await lockPath();
    const pid = await deadPid();
    for (let round = 0; round < 300; round += 1) {
      await holdBy(path, { pid, token: `dead-${round}` });
      const starters = Array.from({ length: 2 + (round % 3) }, () => DirectoryLock.acquire(path));
      const ends = await Promise.allSettled(starters);
      const won = ends.filter((end) => end.status === 'fulfilled').map((end) => end.value);
      const lost = ends.filter((end) => end.status === 'rejected').map((end) => end.reason);
      expect(lost.filter((reason) => !(reason instanceof DestinationLocked))).toEqual([]);
      const winner = only(won);
      await winner.verify();
      await winner.release();
    }
    expect(await readdir(dirname(path))).toEqual([]);
  });

  test('goes to exactly one of two processes over a killed one', async () => {
    const directory = await exportDirectory();
    for (let round = 0; round < 4; round += 1) {
      const first = startHolder(directory);
      await first.waitForLine(/^open$/);
      first.kill('SIGKILL');
      await first.exit;
      const starters = [startHolder(directory), startHolder(directory)];
      const said = await Promise.all(starters.map((starter) => starter.waitForLine(/^(open$|refused: .*)/)));
      expect(said.map(([line]) => line.slice(0, 25)).sort()).toEqual(['open', 'refused: DestinationLocke']);
      for (const starter of starters) starter.kill('SIGKILL');
      await Promise.all(starters.map((starter) => starter.exit));
    }
  });

  test('survives a starter that died while it removed a dead lock', async () => {
    const path = await lockPath();
    const pid = await deadPid();
    await holdBy(path, { pid, token: 'dead' });
    await holdBy(`${path}.dead-dead`, { pid, token: 'remover' });
    const lock = await DirectoryLock.acquire(path);
    await lock.verify();
    await lock.release();
    expect(await readdir(dirname(path))).toEqual([]);
  });

  test('that is not of this program is left alone', async () => {
    const path = await lockPath();
    await writeFile(path, '4711\nhere');
    await expect(DirectoryLock.acquire(path)).rejects.toThrow(/not a lock of this program/);
    expect(await readFile(path, 'utf8')).toBe('4711\nhere');
  });
});

describe('a run whose lock is gone', () => {
  test.each([
    ['taken', (path: string) => holdBy(path, { host: 'elsewhere', pid: 7 }), /process 7 on elsewhere/],
    ['removed', (path: string) => rm(path), /removed/],
  ])('commits, plans, notes and finishes nothing when it was %s', async (_, steal, said) => {
    const directory = await exportDirectory();
    const destination = await FileDestination.open(directory, app);
    const run = await destination.begin(newRun(2, 1), [userIds(2)]);
    const [first, second] = await all(run.openChunks(1));
    if (first === undefined || second === undefined) throw new Error('two chunks');
    await run.commit(resultOf(run, first, { deferred: ['u1'] }));
    const content = async (): Promise<string[]> => {
      const names = (await readdir(join(directory, '.run'))).sort();
      return await Promise.all(
        names.map(async (name) => `${name} ${await readFile(join(directory, '.run', name), 'utf8')}`),
      );
    };
    const before = await content();
    const own = await readFile(join(directory, '.lock'));
    await steal(join(directory, '.lock'));
    const lost = await run.commit(resultOf(run, second)).catch((caught: unknown) => caught);
    expect(lost).toBeInstanceOf(LockLost);
    expect(String(lost)).toMatch(said);
    await expect(run.planSecondPass()).rejects.toThrow(LockLost);
    await expect(run.stop({ stopReason: 'why', error: null })).rejects.toThrow(LockLost);
    await expect(run.finish()).rejects.toThrow(LockLost);
    await expect(destination.abandon(run.record)).rejects.toThrow(LockLost);
    await expect(destination.begin(newRun(1, 1), [['u9']])).rejects.toThrow(LockLost);
    // A failed commit may be half there: only a resumed run finds out, even with the lock back in its place.
    await writeFile(join(directory, '.lock'), own);
    await expect(run.commit(resultOf(run, second))).rejects.toThrow(LockLost);
    expect(await content()).toEqual(before);
    await destination.close();
  });

  test('says that its directory is gone when that is removed bit by bit, the lock first', async () => {
    const path = await lockPath();
    const lock = await DirectoryLock.acquire(path);
    onTestFinished(() => lock.release());
    await rm(path);
    const verified = lock.verify();
    await rm(dirname(path), { recursive: true });
    await expect(verified).rejects.toThrow(
      /was removed with the export in it; find out what removed it, and start again$/,
    );
  });
});
