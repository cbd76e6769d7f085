import { columnNames, type Table } from '../../src/rows/table.ts';
import { contactGroups, conversations, rowTables } from '../../src/rows/tables.ts';

export type RowTable = (typeof rowTables)[number];
/** A row, as the JSON text of its columns, from the run that found it so up to the one that found it otherwise. */
type Version = { readonly row: string; readonly validFromRun: number; validToRun: number | null };

export const userOf = (row: string): string => String((JSON.parse(row) as unknown[])[0]);
const keyOf = (table: Table, row: string): string => {
  const cells = JSON.parse(row) as unknown[];
  return JSON.stringify(table.key.map((name) => cells[columnNames(table).indexOf(name)]));
};

/** The expected history, from the rows expected on each day and the users pulled. */
export class HistoryOracle {
  readonly #versions = new Map<RowTable, Version[]>(rowTables.map((table) => [table, []]));

  /** @param users all users whose rows a run replaced; those who left the app have none */
  replay(run: number, users: ReadonlySet<string>, expected: ReadonlyMap<RowTable, readonly string[]>): void {
    for (const [table, versions] of this.#versions) {
      const now = new Set((expected.get(table) ?? []).filter((row) => users.has(userOf(row))));
      for (const version of versions) {
        if (version.validToRun !== null || !users.has(userOf(version.row))) continue;
        if (!now.delete(version.row)) version.validToRun = run;
      }
      for (const row of now) versions.push({ row, validFromRun: run, validToRun: null });
    }
  }

  versions(table: RowTable): string[] {
    return (this.#versions.get(table) ?? [])
      .map(({ row, validFromRun, validToRun }) =>
        JSON.stringify([...JSON.parse(row), validFromRun, validToRun].map(asText)),
      )
      .sort();
  }

  asOf(table: RowTable, run: number): string[] {
    return (this.#versions.get(table) ?? [])
      .filter(
        ({ validFromRun, validToRun }) => validFromRun <= run && (validToRun === null || validToRun > run),
      )
      .map(({ row }) => row)
      .sort();
  }

  diff(since: number, run: number): Record<string, unknown>[] {
    const users = new Map<string, Record<string, Record<string, number>>>();
    const note = (row: string, table: RowTable, what: string): void => {
      const userId = userOf(row);
      const user = users.get(userId) ?? {
        conversations: { joined: 0, left: 0, marked: 0, otherwise: 0 },
        contact_groups: { joined: 0, left: 0, renamed: 0, otherwise: 0 },
        memberships: { joined: 0, left: 0 },
      };
      const counts = user[table.name] ?? {};
      counts[what] = (counts[what] ?? 0) + 1;
      users.set(userId, user);
    };
    for (const table of rowTables) {
      const before = new Map(this.asOf(table, since).map((row) => [keyOf(table, row), row]));
      for (const row of this.asOf(table, run)) {
        const old = before.get(keyOf(table, row));
        before.delete(keyOf(table, row));
        if (old === undefined) note(row, table, 'joined');
        else if (old !== row) note(row, table, changeOf(table, old, row));
      }
      for (const row of before.values()) note(row, table, 'left');
    }
    return [...users]
      .toSorted(([a], [b]) => (Buffer.from(a).compare(Buffer.from(b)) < 0 ? -1 : 1))
      .map(([user_id, changes]) => ({ user_id, ...changes }));
  }
}

/** As the tables read a row's end: the runs are numbers there, and texts here. */
const asText = (value: unknown): unknown => (typeof value === 'number' ? String(value) : value);

function changeOf(table: RowTable, before: string, after: string): string {
  const [old, now] = [before, after].map((row) => JSON.parse(row) as unknown[]);
  const differs = (names: readonly string[]): boolean =>
    names.some((name) => {
      const place = columnNames(table).indexOf(name);
      return old?.[place] !== now?.[place];
    });
  if (table === conversations && differs(['standard_mark', 'custom_mark'])) return 'marked';
  if (table === contactGroups && differs(['contact_group_name'])) return 'renamed';
  return 'otherwise';
}

/** The history of a table, with the columns that the oracle knows. */
export const historyOf = (table: RowTable): Table => ({
  ...table,
  name: `${table.name}_history`,
  columns: [
    ...table.columns,
    ...['valid_from_run', 'valid_to_run'].map((name) => ({ name, type: 'bigint' as const, description: '' })),
  ],
});

/** Versions that end before they begin, overlap others of their row, or end without a run: there must be none. */
export const instantsRunningBackwards = ({ name, key }: RowTable): string =>
  `select * from (
     select *, lag(valid_to) over (partition by ${key.join(', ')} order by valid_from_run) as before,
            lag(true) over (partition by ${key.join(', ')} order by valid_from_run) as has_before
     from chat_export.${name}_history
   ) v where valid_to < valid_from or has_before and (before is null or before > valid_from)
          or (valid_to is null) <> (valid_to_run is null)`;
