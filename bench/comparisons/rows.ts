import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { HOME } from './contenders.ts';
import { query } from './postgres.ts';

/** The compared values: the keys of a user's items, as every rival can have them, whatever its tables look like. */
export const compared = {
  conversations: ['user_id', 'conversation_id'],
  memberships: ['user_id', 'conversation_id', 'contact_group_id'],
  contact_groups: ['user_id', 'contact_group_id', 'contact_group_name'],
} as const;

export type ComparedTable = keyof typeof compared;

export type Comparison = {
  /** Rows that are true and there. */
  readonly right: number;
  readonly missing: number;
  /** Rows that are there and not true. */
  readonly wrong: number;
  /** Rows that are there more than once. */
  readonly repeated: number;
  /** Some of the missing and of the wrong ones. */
  readonly examples: readonly string[];
};

const EXAMPLES_OF_EACH = 5;

/** By table; null where the rival has no such rows, and text where its tables could not be read. */
export type Comparisons = Readonly<Record<ComparedTable, Comparison | string | null>>;

/**
 * Compares the rows in a database with the expected rows. `FOLDER/TABLE.sql` gives a rival's rows of a table in the columns
 * above. Without such a file, the rival has no such rows.
 */
export async function compareRows(
  folder: string,
  database: string,
  expectedDir: string,
): Promise<Comparisons> {
  const of = async (table: ComparedTable): Promise<Comparison | string | null> => {
    const sql = await readFile(join(HOME, folder, `${table}.sql`), 'utf8').catch(() => null);
    if (sql === null) return null;
    const expected = await expectedRows(expectedDir, table);
    const rows = await query(database, sql).catch((error: Error) => error.message);
    return typeof rows === 'string' ? rows : compare(expected, rows);
  };
  return {
    conversations: await of('conversations'),
    memberships: await of('memberships'),
    contact_groups: await of('contact_groups'),
  };
}

async function expectedRows(expectedDir: string, table: ComparedTable): Promise<Set<string>> {
  const records = parse(await readFile(join(expectedDir, `${table}.csv`)), { columns: true }) as Record<
    string,
    string
  >[];
  return new Set(records.map((record) => JSON.stringify(compared[table].map((column) => record[column]))));
}

function compare(expected: ReadonlySet<string>, rows: readonly unknown[][]): Comparison {
  const actual = new Set(rows.map((row) => JSON.stringify(row)));
  const missing = [...expected].filter((row) => !actual.has(row));
  const wrong = [...actual].filter((row) => !expected.has(row));
  const some = (how: string, which: readonly string[]): string[] =>
    which.slice(0, EXAMPLES_OF_EACH).map((row) => `${how}: ${row}`);
  return {
    right: expected.size - missing.length,
    missing: missing.length,
    wrong: wrong.length,
    repeated: rows.length - actual.size,
    examples: [...some('missing', missing), ...some('wrong', wrong)],
  };
}
