import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { allTables, exportedUsers } from '../../rows/tables.ts';
import { chunked } from '../chunked.ts';
import { NO_COUNTS } from '../contract/counts.ts';
import { reachCrashPoint } from '../contract/crash-points.ts';
import type { BeforeLock, Destination, NewRun, RunRecord, RunWriter } from '../contract/destination.ts';
import { InvalidDestination } from '../contract/destination-error.ts';
import type { Erased, UserToErase } from '../contract/erasure.ts';
import type { OpenSettings } from '../contract/kind.ts';
import type { LockWait } from '../contract/lock-wait.ts';
import type { SuppressedUsers } from '../contract/suppressed-users.ts';
import { exists } from '../exists.ts';
import { makePath } from '../make-path.ts';
import { clearRun } from './clear-run.ts';
import { eraseUserFromFiles } from './erase-user.ts';
import { FileRun } from './file-run.ts';
import { firstUser } from './formats/first-user.ts';
import type { FileFormat } from './formats/format.ts';
import type { FileFormatName } from './formats/format-name.ts';
import { formatAtWork, formatNamed, publishedFormat } from './formats/formats.ts';
import { rowsIn } from './formats/row-file.ts';
import type { DirectoryLock } from './lock/directory-lock.ts';
import { type Holder, livingHolder } from './lock/lock-holder.ts';
import { acquireLock } from './lock/lock-wait.ts';
import { isInternal, isLeftOver } from './other-files.ts';
import { hasRows, isPublishing, publish, requirePublished } from './publish.ts';
import { openRowFiles, type RowFile, recoverLedger } from './recover.ts';
import { replacedBy } from './replaced-by.ts';
import { finishRewrite } from './rewrite-files.ts';
import { keyFingerprintOfFiles } from './rows-named-by.ts';
import {
  DIRECTORY_MODE,
  FILE_MODE,
  replaceByCopy,
  replaceDurably,
  syncDirectory,
  writeDurably,
} from './storage/durable-file.ts';
import { directoryLayout, type Layout } from './storage/layout.ts';
import { jsonLine } from './storage/lines.ts';
import { readRecord, readStoredRun, recordText } from './storage/run-record.ts';
import { isGivenUp, readSuppressed, removeSuppressed } from './storage/suppressed-file.ts';
import { asDestinationError } from './storage/system-error.ts';

const NO_WAIT = { lockWait: null, stop: new AbortController().signal };

/** CSV files in a directory: a snapshot of the last finished run, and the run at work beside it. */
export class FileDestination implements Destination {
  readonly name: string;
  readonly sharing = null;
  readonly beforeLock: BeforeLock | null;
  readonly #layout: Layout;
  readonly #lock: DirectoryLock;
  readonly #format: FileFormat;
  readonly #sdkAppId: number;
  #open: FileRun | null = null;
  /** The number of a run that is closed and gone. The next run must have another number. */
  #abandoned = 0;

  private constructor(
    layout: Layout,
    lock: DirectoryLock,
    format: FileFormat,
    sdkAppId: number,
    beforeLock: BeforeLock | null,
  ) {
    this.name = `${format.scheme}:${layout.directory}`;
    this.beforeLock = beforeLock;
    this.#layout = layout;
    this.#lock = lock;
    this.#format = format;
    this.#sdkAppId = sdkAppId;
  }

  /**
   * Opens and locks a directory that is new, empty, or holds an earlier export of the app in files of this format. Completes what
   * a kill left behind.
   * @throws {InvalidDestination} when it holds anything else, or when a package for the format is not installed
   * @throws {DestinationLocked} while another run is at work in it, after the wait if there is one
   * @throws {DestinationError} when it cannot be used
   */
  static async open(
    directory: string,
    sdkAppId: number,
    formatName: FileFormatName = 'csv',
    { lockWait, stop }: Pick<OpenSettings, 'lockWait' | 'stop'> = NO_WAIT,
  ): Promise<FileDestination> {
    const layout = directoryLayout(directory);
    const format = await formatNamed(formatName);
    format.require(directory);
    return await asDestinationError(directory, async () => {
      const before = lockWait && (await readBeforeLock(layout, sdkAppId, lockWait));
      const wait = lockWait && before && { ...lockWait, onTaken: () => lockWait.onTaken(before) };
      const { lock, waitedMs } = await acquireLock(layout.lock, wait, stop, async () => {
        await makePath(directory, DIRECTORY_MODE);
        await refuseForeignDirectory(layout, format, sdkAppId);
      });
      try {
        if (lock.tookOverStaleLock) await fenceStaleWriter(layout);
        await rm(layout.newRun.directory, { recursive: true, force: true });
        await rm(layout.oldRun, { recursive: true, force: true });
        await removeLeftOvers(layout);
        await finishRewrite(layout, lock);
        const last = await readRecord(layout.run.record);
        if (last !== null && (await isGivenUp(layout.suppressed, last))) await clearRun(layout, lock);
        return new FileDestination(layout, lock, format, sdkAppId, before && { ...before, waitedMs });
      } catch (error) {
        await lock.release().catch(() => {});
        throw error;
      }
    });
  }

  async lastRun(): Promise<RunRecord | null> {
    // A directory holds one run at a time, of any job.
    return await asDestinationError(
      this.#layout.directory,
      async () => (await readRecord(this.#layout.run.record)) ?? (await readRecord(this.#layout.manifest)),
    );
  }

  async findRun(runId: number): Promise<RunRecord | null> {
    const run = await this.lastRun();
    return run?.runId === runId ? run : null;
  }

  /**
   * The record has the clock of the machine that wrote it. The directory has that of its file system, which may count in whole
   * seconds. The later of the two instants counts.
   */
  async lastCallsMsAgo(): Promise<number | null> {
    const last = await this.lastRun();
    if (last === null) return (await exists(this.#layout.suppressed)) ? this.#lock.idleMs : null;
    if (last.finishedAt === null) return 0;
    return Math.min(this.#lock.idleMs, Date.now() - Date.parse(last.finishedAt));
  }

  /** A directory holds only what its last run exported. */
  otherJobs(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async replaced(job: string): Promise<RunRecord | null> {
    return await asDestinationError(this.#layout.directory, () => replacedBy(this.#layout, job));
  }

  async storedKeyFingerprint(
    of?: 'rows' | 'rows-and-plans',
  ): Promise<Pick<RunRecord, 'keyFingerprint'> | null> {
    return await asDestinationError(this.#layout.directory, () =>
      keyFingerprintOfFiles(this.#layout, this.#sdkAppId, of),
    );
  }

  async someExportedUser(): Promise<string | null> {
    return await asDestinationError(this.#layout.directory, async () => {
      const atWork = await formatAtWork(this.#layout);
      const own = atWork && (await firstUser(rowsIn(this.#layout.run.rows(exportedUsers), atWork)));
      if (own) return own;
      const published = (await publishedFormat(this.#layout)) ?? this.#format;
      // Damaged files can still be replaced: this only looks for a user whom the API may know.
      return await firstUser(published.records(this.#layout, exportedUsers)).catch(() => null);
    });
  }

  async begin(run: NewRun, users: Iterable<readonly string[]>): Promise<RunWriter> {
    return await asDestinationError(this.#layout.directory, async () => {
      const { newRun } = this.#layout;
      const last = await this.lastRun();
      const record: RunRecord = {
        ...run,
        runId: Math.max(last?.runId ?? 0, this.#abandoned) + 1,
        status: 'running',
        startedAt: new Date().toISOString(),
        finishedAt: null,
        stopReason: null,
        error: null,
        attempts: 0,
        counts: NO_COUNTS,
      };
      // A plan that could not be completed may be there.
      await rm(newRun.directory, { recursive: true, force: true });
      await mkdir(newRun.directory, { mode: DIRECTORY_MODE });
      await writeDurably(newRun.plan, planText(users, run.chunkSize));
      for (const table of allTables) await writeDurably(newRun.rows(table), this.#format.header(table));
      await writeDurably(newRun.ledger, '');
      await writeDurably(newRun.record, recordText(record, this.#format.name));
      await syncDirectory(newRun.directory);
      reachCrashPoint('plan-written');
      await clearRun(this.#layout, this.#lock);
      await rename(newRun.directory, this.#layout.run.directory);
      await syncDirectory(this.#layout.directory);
      reachCrashPoint('plan-placed');
      return await this.resume(record);
    });
  }

  async resume(run: RunRecord): Promise<RunWriter> {
    return await asDestinationError(this.#layout.directory, async () => {
      await this.#closeRun();
      const { run: place } = this.#layout;
      const format = await this.#formatOf(run);
      const { files: lengths, usersDone, counts } = await recoverLedger(place, format);
      const isBeingPublished = await isPublishing(this.#layout);
      const isWriting = !isBeingPublished && (await hasRows(this.#layout));
      if (!isWriting && !isBeingPublished) await requirePublished(this.#layout, run.runId);
      const files = isWriting ? await openRowFiles(place, lengths) : new Map<string, RowFile>();
      const record: RunRecord = { ...run, attempts: run.attempts + 1, stopReason: null, error: null, counts };
      await replaceDurably(place.record, recordText(record, format.name, this.#lock.token));
      reachCrashPoint('start-counted');
      this.#open = new FileRun(this.#layout, this.#lock, format, {
        record,
        usersDone,
        ledger: await open(place.ledger, 'a', FILE_MODE),
        files,
        rows: Object.fromEntries(Object.entries(lengths).map(([name, { rows }]) => [name, rows])),
      });
      return this.#open;
    });
  }

  /** A run whose files are being put in place counts as finished. Its publication is completed instead. */
  async abandon(run: RunRecord): Promise<void> {
    await asDestinationError(this.#layout.directory, async () => {
      await this.#closeRun();
      this.#abandoned = run.runId;
      const format = (await formatAtWork(this.#layout)) ?? this.#format;
      if (await isPublishing(this.#layout)) await publish(this.#layout, this.#lock, format, run, {});
      else await clearRun(this.#layout, this.#lock);
    });
  }

  async suppressed(): Promise<SuppressedUsers> {
    return await asDestinationError(this.#layout.directory, () =>
      readSuppressed(this.#layout.suppressed, this.#sdkAppId),
    );
  }

  async erase(user: UserToErase, how: { readonly dryRun: boolean }): Promise<Erased> {
    return await asDestinationError(this.#layout.directory, () =>
      eraseUserFromFiles(this.#layout, this.#lock, user, how),
    );
  }

  async unsuppress(name: string): Promise<boolean> {
    const { directory, suppressed } = this.#layout;
    return await asDestinationError(directory, () =>
      removeSuppressed(suppressed, { sdkAppId: this.#sdkAppId, name }, () => this.#lock.verify()),
    );
  }

  async close(): Promise<void> {
    await this.#closeRun();
    await this.#lock.release();
  }

  /** @throws {InvalidDestination} when the run writes files of another format */
  async #formatOf({ runId }: RunRecord): Promise<FileFormat> {
    const its = (await formatAtWork(this.#layout)) ?? this.#format;
    const refusal = otherFormat(runId, its, this.#format);
    if (refusal !== null) throw new InvalidDestination(`${refusal.message}; ${refusal.hint}`);
    return its;
  }

  async #closeRun(): Promise<void> {
    const run = this.#open;
    this.#open = null;
    await run?.close();
  }
}

/** The state of a directory before its lock is tried. */
async function readBeforeLock(
  layout: Layout,
  sdkAppId: number,
  { runId }: LockWait,
): Promise<Omit<BeforeLock, 'waitedMs'>> {
  const holder = await livingHolder(layout.lock);
  const stored = (await readStoredRun(layout.run.record)) ?? (await readStoredRun(layout.manifest));
  const storedKeyFingerprint = await keyFingerprintOfFiles(layout, sdkAppId);
  const shared = { otherJobs: [], storedKeyFingerprint };
  if (stored === null || (runId !== null && runId !== stored.record.runId))
    return { ...shared, run: null, isAtWork: false };
  const { record, worker } = stored;
  // A manifest names no worker. Both instants are of the holder's clock.
  const isOfHolder = ({ token, since }: Holder): boolean =>
    token === worker || (record.finishedAt !== null && record.finishedAt >= since);
  return { ...shared, run: record, isAtWork: holder !== null && isOfHolder(holder) };
}

/** Removes the temporary copies that a kill left beside the files that they were to replace. */
async function removeLeftOvers({ directory }: Layout): Promise<void> {
  for (const name of await readdir(directory)) {
    if (isLeftOver(name)) await rm(join(directory, name), { force: true });
  }
}

/**
 * An earlier process that was taken for dead may be frozen in the middle of a commit, with the run's files open. Copies replace
 * these files, so its writes no longer reach the run.
 */
async function fenceStaleWriter({ run }: Layout): Promise<void> {
  for (const path of [run.ledger, ...allTables.map((table) => run.rows(table))]) {
    if (await exists(path)) await replaceByCopy(path);
  }
  if (await exists(run.directory)) await syncDirectory(run.directory);
}

function* planText(users: Iterable<readonly string[]>, chunkSize: number): Generator<string> {
  for (const chunk of chunked(users, chunkSize)) yield jsonLine(chunk);
}

/** Why a run cannot be resumed with files of another format, and a hint; null when the format is the same. */
export function otherFormat(
  runId: number,
  its: FileFormat,
  asked: FileFormat,
): { readonly message: string; readonly hint: string } | null {
  if (its.name === asked.name) return null;
  return {
    message: `run ${runId} was started with the format ${its.name}, but this attempt asks for ${asked.name}`,
    hint: `give --compress as it was (${its.name === 'csv.gz' ? 'gzip' : 'none'}), or start a new run with --fresh`,
  };
}

/** Refuses a directory that holds anything but an export of the app in files of this format. @throws {InvalidDestination} */
export async function refuseForeignDirectory(
  layout: Layout,
  { scheme }: FileFormat,
  sdkAppId: number,
): Promise<void> {
  const found = (await readdir(layout.directory)).filter((name) => !isLeftOver(name));
  const records = [await readRecord(layout.manifest), await readRecord(layout.run.record)];
  for (const format of [await formatAtWork(layout), await publishedFormat(layout)]) {
    if (format === null || format.scheme === scheme) continue;
    throw new InvalidDestination(
      `${layout.directory} holds an export of ${format.scheme}: files, but the destination is ${scheme}:; ` +
        `name another directory, or write ${format.scheme}:${layout.directory}`,
    );
  }
  for (const record of records) {
    if (record === null || record.sdkAppId === sdkAppId) continue;
    throw new InvalidDestination(
      `${layout.directory} holds an export of app ${record.sdkAppId} (run ${record.runId} of the job ${JSON.stringify(record.job)}, ` +
        `${record.status}), but this job exports app ${sdkAppId}; compare --sdk-app-id, choose another directory, or remove this one first`,
    );
  }
  const isExport = records.some((record) => record !== null);
  const others = found.filter((name) => name === basename(layout.run.directory) || !isInternal(name));
  if (isExport || others.every((name) => name === basename(layout.suppressed))) return;
  throw new InvalidDestination(
    `${layout.directory} holds ${others.slice(0, 3).join(', ')} but no export of this program; ` +
      'choose a directory that is new, empty, or holds an earlier export',
  );
}
