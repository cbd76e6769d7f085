import { systemCode } from '../../../errors/system-error.ts';
import { type UnexportedUserRow, unexportedUsers } from '../../../rows/tables.ts';
import type { RunRecord } from '../../contract/destination.ts';
import { InvalidDestination } from '../../contract/destination-error.ts';
import type {
  ArchivedRun,
  ArchivedWorker,
  RunArchive,
  RunFilter,
  UserChanges,
} from '../../contract/run-archive.ts';
import type { Timeline } from '../../contract/timeline.ts';
import type { Verification } from '../../contract/verification.ts';
import { exists } from '../../exists.ts';
import type { FileFormat } from '../formats/format.ts';
import { formatAtWork, publishedFormat } from '../formats/formats.ts';
import { rowsIn } from '../formats/row-file.ts';
import { unexportedIn } from '../formats/unexported-rows.ts';
import { holderText, livingHolder } from '../lock/lock-holder.ts';
import { readProgress } from '../recover.ts';
import { directoryLayout, type Layout } from '../storage/layout.ts';
import { readRecord, readStoredRun } from '../storage/run-record.ts';
import { asDestinationError, toDestinationError } from '../storage/system-error.ts';
import { readTimelines } from '../storage/timelines-file.ts';
import { fileChecks } from './verify-files.ts';

/** The runs in an export's directory: the one at work, if any, and the last finished one. */
export class FileArchive implements RunArchive {
  readonly name: string;
  readonly #layout: Layout;

  private constructor(layout: Layout, format: FileFormat | null) {
    this.name = `${format?.scheme ?? 'csv'}:${layout.directory}`;
    this.#layout = layout;
  }

  /** Opens a directory with files of any format. @throws {InvalidDestination} when there is no such directory */
  static async open(directory: string): Promise<FileArchive> {
    if (!(await asDestinationError(directory, () => exists(directory), 'read'))) {
      throw new InvalidDestination(`${directory}: there is no such directory, so there are no runs`);
    }
    const layout = directoryLayout(directory);
    return await asDestinationError(
      directory,
      async () => new FileArchive(layout, (await formatAtWork(layout)) ?? (await publishedFormat(layout))),
      'read',
    );
  }

  async runs({ sdkAppId, job }: RunFilter, most: number): Promise<readonly ArchivedRun[]> {
    const found = (await this.#all()).filter(
      ({ record }) =>
        (sdkAppId === null || record.sdkAppId === sdkAppId) && (job === null || record.job === job),
    );
    return found.slice(0, most);
  }

  async lastFinished(filter: RunFilter): Promise<ArchivedRun | null> {
    return (await this.runs(filter, 2)).find(({ record }) => record.status === 'finished') ?? null;
  }

  async find(runId: number): Promise<ArchivedRun | null> {
    return (await this.#all()).find(({ record }) => record.runId === runId) ?? null;
  }

  async *unexported({ record }: ArchivedRun): AsyncGenerator<UnexportedUserRow> {
    const { run, directory } = this.#layout;
    try {
      if (record.status === 'running') {
        const format = await formatAtWork(this.#layout);
        if (format === null) return;
        const committed = (await readProgress(run, format)).files[`${unexportedUsers.name}.csv`]?.bytes ?? 0;
        yield* unexportedIn(() => rowsIn(run.rows(unexportedUsers), format, committed));
      } else {
        const format = await publishedFormat(this.#layout);
        if (format !== null) yield* unexportedIn(() => format.records(this.#layout, unexportedUsers));
      }
    } catch (error) {
      throw toDestinationError(directory, error, 'read');
    }
  }

  async *failed(run: ArchivedRun): AsyncGenerator<UnexportedUserRow> {
    for await (const user of this.unexported(run)) if (user.reason !== 'not_in_app') yield user;
  }

  async timelines({ record }: ArchivedRun): Promise<readonly Timeline[]> {
    const { run, timelines } = this.#layout;
    return await this.#reading(() =>
      readTimelines(record.status === 'running' ? run.timelines : timelines, record.runId),
    );
  }

  /** A directory belongs to one process. */
  workers(): Promise<readonly ArchivedWorker[]> {
    return Promise.resolve([]);
  }

  async atWork({ record }: ArchivedRun): Promise<string | null> {
    if (record.status !== 'running') return null;
    const { lock, run } = this.#layout;
    return await this.#reading(async () => {
      const holder = await livingHolder(lock);
      // The holder may still be deciding what to resume, or may be about to replace this run.
      return holder !== null && holder.token === (await readStoredRun(run.record))?.worker
        ? holderText(holder)
        : null;
    });
  }

  async holder(): Promise<string | null> {
    const { lock } = this.#layout;
    return await this.#reading(async () => {
      const holder = await livingHolder(lock);
      return holder === null ? null : holderText(holder);
    });
  }

  async *checks({ record }: ArchivedRun): AsyncGenerator<Verification> {
    try {
      yield* fileChecks(this.#layout, record);
    } catch (error) {
      throw toDestinationError(this.#layout.directory, error, 'read');
    }
  }

  changes(): AsyncIterable<UserChanges> {
    throw new InvalidDestination(
      `${this.name} holds only the rows of its last run; a database keeps history (--history)`,
    );
  }

  async close(): Promise<void> {}

  #reading<T>(work: () => Promise<T>): Promise<T> {
    return asDestinationError(this.#layout.directory, work, 'read');
  }

  async #all(): Promise<ArchivedRun[]> {
    return await this.#reading(async () => {
      const { run, manifest } = this.#layout;
      const found: ArchivedRun[] = [];
      const open = await readRecord(run.record);
      const format = await formatAtWork(this.#layout);
      if (open?.status === 'running' && format !== null) {
        const progress = await orNull(readProgress(run, format));
        if (progress !== null) {
          const { usersDone, counts } = progress;
          found.push({ record: { ...open, counts }, usersDone });
        }
      }
      const last = await readRecord(manifest);
      if (last !== null) found.push(asFinished(last));
      // During an erasure, the rewritten files have the record of their own run.
      else if (open?.status === 'finished') found.push(asFinished(open));
      return found;
    });
  }
}

const asFinished = (record: RunRecord): ArchivedRun => ({ record, usersDone: record.list.users });

/** Null when a file disappeared while it was read: the run finished in between, and the manifest describes it. */
async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
