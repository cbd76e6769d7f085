import { readFile } from 'node:fs/promises';
import type { PostgresGround } from './ground.ts';

const FIRST = '0001_first-tables';

/** Makes a schema as the first release did: what later migrations find where the program has been in use for long. */
export async function applyFirstMigration(ground: PostgresGround, schema: string): Promise<void> {
  const sql = await readFile(new URL(`../../../migrations/${FIRST}.sql`, import.meta.url), 'utf8');
  await ground.query(`begin; create schema ${schema}; set local search_path to ${schema};
    create table schema_migrations (id serial primary key, name varchar(255) not null, run_on timestamp not null);
    ${sql}
    insert into schema_migrations (name, run_on) values ('${FIRST}', now()); commit`);
}
