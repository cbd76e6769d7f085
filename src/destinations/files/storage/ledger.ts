import type { RunCounts } from '../../contract/counts.ts';
import type { Chunk } from '../../contract/destination.ts';
import { readLines } from './lines.ts';

/** One committed chunk: a line of the ledger. */
export type LedgerEntry = {
  readonly chunk: number;
  readonly users: number;
  readonly deferred: readonly string[];
  /** The chunk of the users that a stop left; null when it left none. Older ledgers lack it. */
  readonly remainder?: Chunk | null;
  readonly counts: RunCounts;
  /** Bytes and rows of each table's file, up to and including this chunk. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly rows: number }>>;
};

/**
 * The entries of a ledger. A kill during a write can cut off the last line. Then the chunk was not committed, and the line is
 * skipped.
 * @returns each entry with the ledger's length up to and including it
 */
export async function* readLedger(
  path: string,
): AsyncGenerator<{ readonly entry: LedgerEntry; readonly end: number }> {
  for await (const { text, end } of readLines(path)) {
    const entry = parse(text);
    if (entry === null) return;
    yield { entry, end };
  }
}

function parse(text: string): LedgerEntry | null {
  try {
    return JSON.parse(text) as LedgerEntry;
  } catch {
    return null;
  }
}
