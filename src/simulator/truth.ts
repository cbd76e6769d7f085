import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fraction, Purpose } from './dice.ts';
import { readOptions, type SimulatorOptions } from './options.ts';
import { type TrueRow, trueRowsOf } from './true-rows.ts';
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
} as const satisfies Record<TrueRow['table'], readonly string[]>;

type Table = TrueRow['table'];
const tables = Object.keys(columns) as Table[];

const BATCH_CHARACTERS = 65_536;

/** RFC 4180; the empty string is quoted so that it is not null, and `\.` so that no COPY ends there. */
const csvField = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return text === '' || text === '\\.' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Text written in batches, waiting for the disk where needed. */
class TextFile {
  readonly #stream: WriteStream;
  #batch = '';

  constructor(path: string) {
    this.#stream = createWriteStream(path);
  }

  /** Adds text; true when it is time to `flush`. */
  add(text: string): boolean {
    this.#batch += text;
    return this.#batch.length > BATCH_CHARACTERS;
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = '';
    if (!this.#stream.write(batch)) await once(this.#stream, 'drain');
  }

  async close(): Promise<void> {
    this.#stream.end(this.#batch);
    await finished(this.#stream);
  }
}

/**
 * Writes into a directory, made where missing, what a right export of the options' night holds: `users.txt` (the list
 * of users, a share of them twice where the options say so) and one CSV file a table, with `kind` in place of a reason
 * in `unexported_users.csv`. Memory does not depend on the number of users. Rejects with the file system's error.
 */
export const writeTruth = async (dir: string, given: Partial<SimulatorOptions> = {}): Promise<void> => {
  const options = readOptions(given);
  await mkdir(dir, { recursive: true });
  const users = new TextFile(join(dir, 'users.txt'));
  const files = new Map(tables.map((table) => [table, new TextFile(join(dir, `${table}.csv`))]));
  for (const [table, file] of files) file.add(`${columns[table].join(',')}\n`);
  for (let index = 0; index < options.users; index++) {
    const id = userId(index, options.oddUserIds);
    const twice = fraction(options.seed, Purpose.duplicate, index) < options.duplicates;
    if (users.add(twice ? `${id}\n${id}\n` : `${id}\n`)) await users.flush();
    for (const { table, row } of trueRowsOf(options, index)) {
      const values: Record<string, unknown> = { ...row };
      const file = files.get(table);
      if (file?.add(`${columns[table].map((name) => csvField(values[name])).join(',')}\n`))
        await file.flush();
    }
  }
  for (const file of [users, ...files.values()]) await file.close();
};
