import { createReadStream } from 'node:fs';
import { type Column, type ColumnType, columnNames, type Table } from '../../../rows/table.ts';
import { unexportedReasons } from '../../../rows/tables.ts';
import { type CsvRecord, csvRecords, isUnreadable } from './csv-records.ts';

/** Counts of a table's file. */
export type FileContent = {
  /** The rows before the first unreadable record, if there is one. */
  readonly rows: number;
  /** The first value that does not match the table's columns; null when there is none. */
  readonly problem: string | null;
  /** The sums of the count columns, for `exported_users`. */
  readonly sums: Readonly<Record<string, number>>;
  /** Rows by reason, and failed users by code or, without one, by reason; for `unexported_users`. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
  /** Rows of other apps. */
  readonly others: (sdkAppId: number) => number;
};

const MAX_CHARACTERS_SHOWN = 60;

const forms: Readonly<Record<ColumnType, (text: string) => boolean>> = {
  text: () => true,
  bigint: (text) => /^-?\d+$/.test(text),
  boolean: (text) => text === 'true' || text === 'false',
  timestamptz: (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(Date.parse(text)),
  jsonb: isJson,
};

/** Reads a table's CSV file to its end, or to the first unreadable record. */
export async function readContent(
  path: string,
  table: Table,
  { unpack }: { readonly unpack: (pieces: AsyncIterable<Buffer>) => AsyncIterable<Buffer> },
): Promise<FileContent> {
  const counter = new ContentCounter(table);
  try {
    for await (const record of csvRecords(unpack(createReadStream(path)))) counter.add(record);
    return counter.counted;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { ...counter.counted, problem: error.message };
  }
}

/** Counts the records of a table, its header first. */
export class ContentCounter {
  readonly #table: Table;
  readonly #apps = new Map<string, number>();
  readonly #sums: Record<string, number> = {};
  readonly #reasons: Record<string, number> = {};
  readonly #failures: Record<string, number> = {};
  #rows = 0;
  #problem: string | null = null;
  #isHeader = true;

  constructor(table: Table) {
    this.#table = table;
  }

  get counted(): FileContent {
    return {
      rows: this.#rows,
      problem: this.#isHeader ? 'the header is missing' : this.#problem,
      sums: this.#sums,
      reasons: this.#reasons,
      failures: this.#failures,
      others: (sdkAppId) => this.#rows - (this.#apps.get(String(sdkAppId)) ?? 0),
    };
  }

  add(record: CsvRecord): void {
    const { columns } = this.#table;
    if (this.#isHeader) {
      const header = columnNames(this.#table).join(',');
      if (record.join(',') !== header) this.#problem = `the header is not ${header}`;
      this.#isHeader = false;
      return;
    }
    this.#rows += 1;
    this.#problem ??= rowProblem(record, columns, this.#rows);
    this.#count(Object.fromEntries(columns.map(({ name }, i) => [name, record[i] ?? null])));
  }

  #count(row: Readonly<Record<string, string | null>>): void {
    const app = String(row.sdk_app_id);
    // Beyond a few apps, all are the same mistake.
    if (this.#apps.has(app) || this.#apps.size < 1_000) this.#apps.set(app, (this.#apps.get(app) ?? 0) + 1);
    for (const name of ['conversations', 'contact_groups', 'memberships'])
      if (row[name] !== undefined) this.#sums[name] = (this.#sums[name] ?? 0) + Number(row[name]);
    const { reason, error_code: code } = row;
    if (reason === undefined || reason === null) return;
    this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
    if (reason === 'not_in_app') return;
    const key = code ?? reason;
    // The API has some hundred codes. More are no export.
    if (key in this.#failures || Object.keys(this.#failures).length < 10_000)
      this.#failures[key] = (this.#failures[key] ?? 0) + 1;
  }
}

/** Why a row is invalid; null when it is valid. */
function rowProblem(record: CsvRecord, columns: readonly Column[], row: number): string | null {
  if (record.length !== columns.length) {
    return `row ${row} has ${record.length} fields, not ${columns.length}`;
  }
  for (const [i, { name, type, nullable }] of columns.entries()) {
    const value = record[i] ?? null;
    if (value === null) {
      if (nullable !== true) return `row ${row} has no ${name}`;
      continue;
    }
    const shown = (): string => JSON.stringify(value.slice(0, MAX_CHARACTERS_SHOWN));
    if (!forms[type](value)) return `row ${row}: ${name} is no ${type}: ${shown()}`;
    if (name === 'reason' && !Object.hasOwn(unexportedReasons, value)) {
      return `row ${row}: there is no reason ${shown()}`;
    }
  }
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
