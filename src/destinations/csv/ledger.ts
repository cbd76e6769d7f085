import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { RunCounts } from '../counts.ts';

/** One committed chunk: a line of the ledger. */
export type LedgerEntry = {
  readonly chunk: number;
  readonly users: number;
  readonly deferred: readonly string[];
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
  const { size } = await stat(path);
  let end = 0;
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    const entry = parse(line);
    const next = end + Buffer.byteLength(line) + 1;
    // A line that lacks its end would be longer with it than the file is.
    if (entry === null || next > size) return;
    end = next;
    yield { entry, end };
  }
}

function parse(line: string): LedgerEntry | null {
  try {
    return JSON.parse(line) as LedgerEntry;
  } catch {
    return null;
  }
}
