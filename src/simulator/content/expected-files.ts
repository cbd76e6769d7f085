import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulatorOptions } from '../options/options.ts';
import { readOptions } from '../options/read-options.ts';
import type { ExpectedRow } from './expected-row.ts';
import { expectedUserRows } from './expected-rows.ts';
import { fraction, Purpose } from './prng.ts';
import { TextFile } from './text-file.ts';
import { userId } from './user-id.ts';

const columns = {
  conversations: [
    'user_id',
    'sdk_app_id',
    'conversation_id',
    'conversation_type',
    'peer_id',
    'standard_mark',
    'is_starred',
    'is_marked_unread',
    'is_folded',
    'is_hidden',
    'custom_mark',
    'source_updated_at',
    'extra',
  ],
  contact_groups: ['user_id', 'sdk_app_id', 'contact_group_id', 'contact_group_name', 'extra'],
  memberships: ['user_id', 'sdk_app_id', 'contact_group_id', 'conversation_id'],
  exported_users: ['user_id', 'sdk_app_id', 'conversations', 'contact_groups', 'memberships'],
  unexported_users: ['user_id', 'sdk_app_id', 'kind', 'error_code'],
  odd_users: ['user_id', 'sdk_app_id', 'why'],
} as const satisfies Record<ExpectedRow['table'], readonly string[]>;

type Table = ExpectedRow['table'];
const tables = Object.keys(columns) as Table[];

/** The list of users. A share of them is repeated, as many lines later as there are between two of them. */
function* userLines(options: SimulatorOptions): Generator<string> {
  let again: string | null = null;
  for (let index = 0; index < options.users; index++) {
    const id = userId(index, options.oddUserIds);
    yield `${id}\n`;
    if (fraction(options.seed, Purpose.duplicate, index) < options.duplicates) {
      if (again !== null) yield `${again}\n`;
      again = id;
    }
  }
  if (again !== null) yield `${again}\n`;
}

/**
 * Writes the expected export of the options' day into a directory, which is created if it is missing. `users.txt` is the list of
 * users, with a share of them twice if the options ask for it. Each table has one CSV file, with `kind` instead of a reason in
 * `unexported_users.csv`. `odd_users.csv` lists the users with items of an unknown Type or with invalid pages, and the cause.
 * Memory does not depend on the number of users. Rejects with the file system's error.
 */
export const writeExpected = async (dir: string, given: Partial<SimulatorOptions> = {}): Promise<void> => {
  const options = readOptions(given);
  await mkdir(dir, { recursive: true });
  const users = await TextFile.create(join(dir, 'users.txt'));
  try {
    for (const line of userLines(options)) await users.add(line);
    await users.flush();
  } finally {
    await users.close();
  }
  const files = new Map<Table, TextFile>();
  try {
    for (const table of tables) {
      const file = await TextFile.create(join(dir, `${table}.csv`));
      files.set(table, file);
      await file.add(csvLine(columns[table]));
    }
    for (let index = 0; index < options.users; index++) {
      for (const { table, row } of expectedUserRows(options, index)) {
        const values: Readonly<Record<string, unknown>> = row;
        const full = files.get(table)?.add(csvLine(columns[table].map((name) => values[name])));
        // Awaiting each row would cost more than the row.
        if (full) await full;
      }
    }
    for (const file of files.values()) await file.flush();
  } finally {
    for (const file of files.values()) await file.close();
  }
};

/** RFC 4180. The empty string is quoted, so that it is not null. `\.` is quoted, so that no COPY ends there. */
const csvField = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return text === '' || text === '\\.' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One record with its line feed. */
export const csvLine = (values: readonly unknown[]): string => `${values.map(csvField).join(',')}\n`;
