import { rowTables } from '../../../rows/tables.ts';
import type { RunCounts } from '../../contract/counts.ts';

type Change = 'added' | 'updated' | 'removed';

/** The number of rows written to and removed from each table so far. */
export class RowChanges {
  readonly #done: Readonly<Record<Change, Record<string, number>>> = { added: {}, updated: {}, removed: {} };

  note(table: string, rows: Partial<Readonly<Record<Change, number>>>): void {
    for (const change of ['added', 'updated', 'removed'] as const) {
      const count = rows[change] ?? 0;
      if (count > 0) this.#done[change][table] = (this.#done[change][table] ?? 0) + count;
    }
  }

  counts(): Pick<RunCounts, Change | 'changes' | 'rowsWritten' | 'rowsRemoved'> {
    const { added, updated, removed } = this.#done;
    const changes: Record<string, number> = {};
    for (const counts of [added, updated, removed]) {
      for (const [table, count] of Object.entries(counts)) changes[table] = (changes[table] ?? 0) + count;
    }
    const ofRows = (counts: Readonly<Record<string, number>>): number =>
      rowTables.reduce((sum, { name }) => sum + (counts[name] ?? 0), 0);
    return {
      added,
      updated,
      removed,
      changes,
      rowsWritten: ofRows(added) + ofRows(updated),
      rowsRemoved: ofRows(removed),
    };
  }
}
