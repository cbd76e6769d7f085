import type { RunCounts } from '../../contract/counts.ts';
import type { Chunk } from '../../contract/destination.ts';
import { readLines } from './lines.ts';

/** One committed chunk: a line of the ledger. */
export type LedgerEntry = {
  readonly chunk: number;
  readonly users: number;
  readonly deferred: readonly string[];
  /** The chunk of those users whom a stop left to do; null, and nothing in older ledgers, where it left nobody. */
  readonly remainder?: Chunk | null;
  readonly counts: RunCounts;
  /** Bytes and rows of each table's file, up to and with this chunk. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly rows: number }>>;
};

/**
 * The entries of a ledger. Its last line may be torn, when the program was killed while writing it: the chunk was then
 * not committed, and the line is left out.
 * @returns each entry with the ledger's length up to and with it
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
