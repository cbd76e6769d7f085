import { type FileHandle, open } from 'node:fs/promises';
import { allTables, exportedUsers, unexportedUsers } from '../../rows/tables.ts';
import { addCounts, NO_COUNTS, type RunCounts } from '../contract/counts.ts';
import type { Chunk, Committed } from '../contract/destination.ts';
import { DestinationError } from '../contract/destination-error.ts';
import type { FileFormat } from './formats/format.ts';
import { FILE_MODE } from './storage/durable-file.ts';
import type { RunLayout } from './storage/layout.ts';
import { type LedgerEntry, readLedger } from './storage/ledger.ts';

/** A run's own file, open for appending, with the length that the ledger records. */
export type RowFile = { readonly handle: FileHandle; bytes: number; rows: number };

/** The state of a run according to its ledger. */
export type Recovered = Committed & {
  readonly chunksDone: ReadonlySet<number>;
  /** Users whom the first pass deferred. */
  readonly deferred: number;
  /** Chunks that a stop left, by number, and how many each pass has had. */
  readonly remainders: ReadonlyMap<number, Chunk>;
  readonly remaindersMade: Readonly<Record<Chunk['pass'], number>>;
  /** The length of each file, by name. */
  readonly files: LedgerEntry['files'];
};

/** The content of a run's ledger. `end` is its length without a last line that a kill cut off. */
export async function readProgress(
  place: RunLayout,
  format: Pick<FileFormat, 'header'>,
): Promise<Recovered & { readonly end: number }> {
  const chunksDone = new Set<number>();
  const remainders = new Map<number, Chunk>();
  const remaindersMade = { 1: 0, 2: 0 };
  let usersDone = 0;
  let deferred = 0;
  let counts: RunCounts = NO_COUNTS;
  let end = 0;
  let files: LedgerEntry['files'] = Object.fromEntries(
    allTables.map((table) => [`${table.name}.csv`, { bytes: format.header(table).length, rows: 0 }]),
  );
  for await (const line of readLedger(place.ledger)) {
    chunksDone.add(line.entry.chunk);
    remainders.delete(line.entry.chunk);
    const { remainder } = line.entry;
    if (remainder) {
      remainders.set(remainder.number, remainder);
      remaindersMade[remainder.pass] += 1;
    }
    usersDone += line.entry.users;
    deferred += line.entry.deferred.length;
    counts = addCounts(counts, line.entry.counts);
    files = line.entry.files;
    end = line.end;
  }
  return { chunksDone, usersDone, deferred, remainders, remaindersMade, counts, files, end };
}

/**
 * Compares the counts of a ledger with the rows that it records: a missing or repeated line makes them differ.
 * @throws {DestinationError} when they differ
 */
function requireSound({ ledger }: RunLayout, { counts, files }: Recovered): void {
  const { exported, notInApp, failed } = counts;
  for (const [{ name }, users] of [
    [exportedUsers, exported],
    [unexportedUsers, notInApp + failed],
  ] as const) {
    const rows = files[`${name}.csv`]?.rows ?? 0;
    if (rows === users) continue;
    throw new DestinationError(
      `${ledger} counts ${users} rows of ${name}, and notes ${rows}: it was damaged; start over with --fresh`,
    );
  }
}

/** Reads a run's ledger, and removes a last line that a kill cut off. @throws {DestinationError} when it was damaged */
export async function recoverLedger(
  place: RunLayout,
  format: Pick<FileFormat, 'header'>,
): Promise<Recovered> {
  const { end, ...recovered } = await readProgress(place, format);
  requireSound(place, recovered);
  const ledger = await open(place.ledger, 'r+');
  try {
    await ledger.truncate(end);
  } finally {
    await ledger.close();
  }
  return recovered;
}

/**
 * Opens a run's files, each truncated to the length in its ledger: the rest belongs to a chunk that was not committed.
 * @throws {DestinationError} when a file is shorter than that
 */
export async function openRowFiles(
  place: RunLayout,
  lengths: LedgerEntry['files'],
): Promise<Map<string, RowFile>> {
  const files = new Map<string, RowFile>();
  try {
    for (const table of allTables) {
      const name = `${table.name}.csv`;
      const { bytes = 0, rows = 0 } = lengths[name] ?? {};
      const handle = await open(place.rows(table), 'r+', FILE_MODE);
      files.set(name, { handle, bytes, rows });
      if ((await handle.stat()).size < bytes) {
        throw new DestinationError(
          `${place.rows(table)} is shorter than its ledger says: it was damaged; start over with --fresh`,
        );
      }
      await handle.truncate(bytes);
      await handle.sync();
    }
    return files;
  } catch (error) {
    for (const { handle } of files.values()) await handle.close();
    throw error;
  }
}
