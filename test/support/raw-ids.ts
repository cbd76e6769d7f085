import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { conversations } from '../../src/rows/tables.ts';
import { csvRows } from './rows.ts';

/** User and group IDs that must not be where pseudonyms are. */
export class RawIds {
  readonly #ids: ReadonlySet<string>;
  readonly #odd: readonly string[];

  private constructor(ids: ReadonlySet<string>) {
    this.#ids = ids;
    // Shorter ones, and those that begin as a conversation ID does, are in many a text by chance.
    this.#odd = [...ids].filter(
      (id) => !COMMON.test(id) && Buffer.byteLength(id) >= 8 && !/^(c2c|group)_/.test(id),
    );
  }

  /** All that are in a directory of expected rows: users of the list, and peers. */
  static async of(expectedDir: string): Promise<RawIds> {
    const users = (await readFile(join(expectedDir, 'users.txt'), 'utf8'))
      .split('\n')
      .filter((id) => id !== '');
    const place = conversations.columns.findIndex(({ name }) => name === 'peer_id');
    const peers = (await csvRows(expectedDir, conversations)).map((row) =>
      String((JSON.parse(row) as unknown[])[place]),
    );
    return new RawIds(new Set([...users, ...peers]));
  }

  /** Some of those that a text holds. */
  in(text: string): string[] {
    const common = [...text.matchAll(new RegExp(COMMON, 'g'))]
      .map(([id]) => id)
      .filter((id) => this.#ids.has(id));
    return [...new Set([...common, ...this.#odd.filter((id) => text.includes(id))])].slice(0, 5);
  }
}

const COMMON = /user\d{7}|USER\d{7}|@TGS#[0-9A-Z]+/;

/** Every value of every column of every table and view of a database, as one text. */
export async function wholeDatabase(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows: tables } = await client.query(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
       where table_schema not in ('pg_catalog', 'information_schema') and table_type <> 'FOREIGN'`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query(`select t::text as row from ${String(name)} t`);
      texts.push(String(name), ...rows.map(({ row }) => String(row)));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}

/** The names and the content of all files below a directory, as one text. */
export async function wholeDirectory(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const texts: string[] = [];
  for (const entry of entries) {
    texts.push(entry.name);
    if (entry.isFile()) texts.push(await readFile(join(entry.parentPath, entry.name), 'utf8'));
  }
  return texts.join('\n');
}
