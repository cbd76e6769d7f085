import type pg from 'pg';
import { DestinationError } from '../../contract/destination-error.ts';
import { rowSecurity } from './row-security.ts';

const READ = ['select'];
const ADD = ['select', 'insert'];

/**
 * The privileges that a run needs on each table. Rows that belong to a removed run go by foreign keys, which need no privilege. A
 * membership is never updated, only inserted or deleted.
 */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  conversations: [...ADD, 'update', 'delete'],
  contact_groups: [...ADD, 'update', 'delete'],
  memberships: [...ADD, 'delete'],
  exported_users: [...ADD, 'update', 'delete'],
  unexported_users: [...ADD, 'update'],
  runs: [...ADD, 'update', 'delete'],
  run_chunks: [...ADD, 'update'],
  run_attempts: [...ADD, 'update'],
  call_quota: [...ADD, 'update'],
  history_tracking: ADD,
  conversations_history: [...ADD, 'update'],
  contact_groups_history: [...ADD, 'update'],
  memberships_history: [...ADD, 'update'],
  suppression_settings: READ,
  suppressed_users: READ,
  schema_migrations: READ,
};

/**
 * The privileges that the role of a connection lacks for a run, each as the SQL that grants it. Missing tables are skipped.
 * Writes nothing.
 */
export async function missingGrants(client: pg.ClientBase, schema: string): Promise<string[]> {
  const pairs = Object.entries(NEEDED).flatMap(([table, rights]) => rights.map((right) => [table, right]));
  const { rows } = await client.query<{ sql: string }>(
    `select format('grant temporary on database %I to %I', current_database(), current_user) as sql, 0 as place
     where not has_database_privilege(current_database(), 'temporary')
     union all
     select format('grant usage on schema %I to %I', n.nspname, current_user), 1
     from pg_namespace n where n.nspname = $1 and not has_schema_privilege(n.oid, 'usage')
     union all
     select format('grant %s on %I.%I to %I', string_agg(needed.granted, ', ' order by needed.place),
                   n.nspname, c.relname, current_user), 1 + min(needed.place)
     from unnest($2::text[], $3::text[]) with ordinality as needed(tablename, granted, place)
     join pg_class c on c.relname = needed.tablename and c.relkind in ('r', 'p')
     join pg_namespace n on n.oid = c.relnamespace and n.nspname = $1
     where not has_table_privilege(c.oid, needed.granted)
     group by n.nspname, c.relname
     order by place`,
    [schema, pairs.map(([table]) => table), pairs.map(([, right]) => right)],
  );
  return rows.map((row) => row.sql);
}

/** The missing privileges of the role of a connection, and a hint. */
export type Hindrance = { readonly message: string; readonly hint: string };

/** Null when nothing is missing. Writes nothing. */
export async function hindrance(client: pg.ClientBase, schema: string): Promise<Hindrance | null> {
  const missing = await missingGrants(client, schema);
  if (missing.length > 0) {
    const grants = missing.length === 1 ? 'a grant' : `${missing.length} grants`;
    return {
      message: `this role lacks ${grants}`,
      hint: `ask the owner of the schema to run: ${missing.join('; ')}`,
    };
  }
  const others = await notTables(client, schema);
  if (others.length > 0) {
    return {
      message: `not a table: ${others.join(', ')}`,
      hint: 'a run writes into tables of these names; rename what is there, or choose another --schema',
    };
  }
  const secured = await rowSecurity(client, schema, Object.keys(NEEDED));
  if (secured === null) return null;
  return {
    message: secured,
    hint: 'use a role that bypasses it (alter role … bypassrls), or ask the owner of the tables to switch it off (alter table … disable row level security)',
  };
}

/** Objects with the name of one of the tables that are no tables, such as a view in its place. */
async function notTables(client: pg.ClientBase, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I (%s)', n.nspname, c.relname,
                   case c.relkind when 'v' then 'a view' when 'm' then 'a materialized view'
                                  when 'f' then 'a foreign table' else 'something else' end) as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = any($2) and c.relkind not in ('r', 'p') order by c.relname`,
    [schema, Object.keys(NEEDED)],
  );
  return rows.map((row) => row.name);
}

/** @throws {DestinationError} when the role lacks privileges that a run needs, with a hint */
export async function requireRights(client: pg.ClientBase, schema: string, name: string): Promise<void> {
  const found = await hindrance(client, schema);
  if (found !== null) throw new DestinationError(`${name}: ${found.message}; ${found.hint}`);
}
