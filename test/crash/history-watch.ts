import pg from 'pg';
import { expect } from 'vitest';
import { columnNames } from '../../src/rows/table.ts';
import { exportedUsers, rowTables } from '../../src/rows/tables.ts';
import type { TestDestination } from '../support/destinations.ts';
import {
  HistoryOracle,
  historyOf,
  instantsRunningBackwards,
  type RowTable,
  userOf,
} from '../support/history-oracle.ts';
import { csvRows, postgresRows } from '../support/rows.ts';

/**
 * Compares the history in a database with its rows after each kill, and with every expected version after each run. No version is
 * ever taken back, so a wrong version of a killed run is still there when the run ends.
 */
export class HistoryWatch {
  readonly #url: string;
  readonly #oracle = new HistoryOracle();
  /** The last run that was compared. */
  #last = 0;

  constructor(url: string) {
    this.#url = url;
  }

  async afterKill(when: string): Promise<void> {
    for (const table of rowTables) {
      const name = `${table.name}_history`;
      // An attempt that is killed before it migrated leaves no tables.
      if ((await this.#query(`select where to_regclass('chat_export.${name}') is null`)).length > 0) return;
      expect(await this.#query(currentThatDiffer(table)), `current versions in ${name}, ${when}`).toEqual([]);
      expect(await this.#query(instantsRunningBackwards(table)), when).toEqual([]);
      expect(await this.#query(runsThatNeverWere(name)), when).toEqual([]);
    }
  }

  /** @param expectedDir the rows expected after this run; all of its users are pulled */
  async afterRun(expectedDir: string, when: string): Promise<void> {
    // The first run committed the changes. After a kill at its end, the next attempt starts another run, without changes.
    const [runs] = await this.#query(
      `select min(run_id)::float8 as first, max(run_id)::float8 as last from chat_export.runs where run_id > ${this.#last}`,
    );
    this.#last = Number(runs?.last);
    const rows = new Map<RowTable, readonly string[]>();
    for (const table of rowTables) rows.set(table, await csvRows(expectedDir, table));
    const users = new Set((await csvRows(expectedDir, exportedUsers)).map(userOf));
    this.#oracle.replay(Number(runs?.first), users, rows);
    for (const table of rowTables) {
      expect(await postgresRows(this.#url, historyOf(table)), `${table.name}_history, ${when}`).toEqual(
        this.#oracle.versions(table),
      );
    }
    await this.afterKill(when);
  }

  async #query(text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.#url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }
}

/** Options for a run into a destination, and a watch of its history if it keeps one. */
export const historyIn = ({
  to,
  options = [],
}: TestDestination): { watch: HistoryWatch | null; options: readonly string[] } =>
  /^postgres(ql)?:/.test(to)
    ? { watch: new HistoryWatch(to), options: [...options, '--history'] }
    : { watch: null, options };

/**
 * Rows without a current version, and current versions without a row. One statement, since the server may still be ending a
 * transaction of the killed process.
 */
function currentThatDiffer(table: RowTable): string {
  const columns = columnNames(table).join(', ');
  const rows = `select ${columns} from chat_export.${table.name}`;
  const versions = `select ${columns} from chat_export.${table.name}_history where valid_to is null`;
  return `(${rows} except all ${versions}) union all (${versions} except all ${rows})`;
}

/** Records of old runs are removed (`--keep-runs`), their history is not: only younger runs can be looked up. */
const runsThatNeverWere = (history: string): string =>
  `select * from chat_export.${history} v, unnest(array[v.valid_from_run, v.valid_to_run]) as by (run)
   where by.run >= (select min(run_id) from chat_export.runs)
     and by.run not in (select run_id from chat_export.runs)`;
