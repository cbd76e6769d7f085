import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { MIGRATIONS, MIGRATIONS_TABLE, migrationStatus, schemaExists } from './migrations.ts';
import { dollarQuoted, inComment, quoteIdentifier } from './sql-text.ts';

/**
 * A schema's pending migrations as a script for psql that a DBA can read, change and apply. It is one transaction, and is
 * recorded like `migrate up`. Only a comment when nothing is pending.
 * @param name the database without its password, for messages
 * @throws as `migrationStatus` does
 */
export async function migrationScript(client: pg.ClientBase, schema: string, name: string): Promise<string> {
  const { applied, pending } = await migrationStatus(client, schema);
  const title = `-- Schema ${inComment(schema)} of ${inComment(name)}`;
  if (pending.length === 0) return `${title}: nothing is pending.\n`;
  const table = `${quoteIdentifier(schema)}.${MIGRATIONS_TABLE}`;
  const has = `array[${applied.map((migration) => `'${migration}'`).join(', ')}]::text[]`;
  const check = [
    ' begin',
    `  if (select coalesce(array_agg(name::text order by name collate "C"), '{}') from ${table}) <> ${has} then`,
    "    raise exception 'the schema is no longer as it was when this script was printed; print it again';",
    '  end if;',
    'end ',
  ].join('\n');
  const parts = [
    `${title}: ${pending.join(', ')}.`,
    '-- Apply it with psql, as the role that is to own the tables. It runs in one transaction.',
    '\\set ON_ERROR_STOP on',
    '\\encoding UTF8',
    'begin;',
    ...((await schemaExists(client, schema))
      ? []
      : [`create schema if not exists ${quoteIdentifier(schema)};`]),
    `set local search_path to ${quoteIdentifier(schema)};`,
    // The table that node-pg-migrate creates, filled as its own insert does.
    ...(applied.length > 0
      ? []
      : [
          `create table if not exists ${table} (`,
          '  id serial primary key, name varchar(255) not null, run_on timestamp not null);',
        ]),
    `lock table ${table} in exclusive mode;`,
    `do ${dollarQuoted(check)};`,
  ];
  for (const migration of pending) {
    const sql = await readFile(new URL(`${migration}.sql`, MIGRATIONS), 'utf8');
    parts.push('', `-- ${migration}`, '', sql.trim(), '');
    parts.push(`insert into ${table} (name, run_on) values ('${migration}', now());`);
  }
  return `${[...parts, '', 'commit;'].join('\n')}\n`;
}
