import type pg from 'pg';
import { DestinationError } from '../../contract/destination-error.ts';
import type { Hindrance } from '../schema/grants.ts';
import { schemaExists } from '../schema/migrations.ts';
import { ifNotCreatable, queueSchema, queueTables } from './queue-schema.ts';

const BY_HAND =
  'ask a role that may create tables to run chat-export migrate up --share, or the output of chat-export migrate sql --share';

/** The privileges that the role of a connection lacks on the tables of pg-boss, each as the SQL that grants it. */
export async function missingQueueGrants(client: pg.ClientBase, ours: string): Promise<string[]> {
  const { rows } = await client.query<{ sql: string }>(
    `select format(granted, n.nspname, current_user) as sql
     from pg_namespace n, (values
       (1, 'grant usage on schema %I to %I'),
       (2, 'grant select, insert, update, delete on all tables in schema %I to %I'),
       (3, 'grant execute on all functions in schema %I to %I')) as needed(place, granted)
     where n.nspname = $1 and case place
       when 1 then not has_schema_privilege(n.oid, 'usage')
       when 2 then exists (select from pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'p')
         and not (has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
                  and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete')))
       else exists (select from pg_proc p where p.pronamespace = n.oid and not has_function_privilege(p.oid, 'execute'))
       end
     order by place`,
    [queueSchema(ours)],
  );
  return rows.map(({ sql }) => sql);
}

/** What keeps a shared run from working with the tables of pg-boss. */
export type QueueHindrance = Hindrance & {
  readonly schema: string;
  /** Whether the tables are missing or old, so that a migration helps. */
  readonly isPending: boolean;
};

/** Null when nothing does. Writes nothing. */
export async function queueHindrance(client: pg.ClientBase, ours: string): Promise<QueueHindrance | null> {
  // Without them, the version cannot be read.
  const missing = await missingQueueGrants(client, ours);
  if (missing.length > 0) {
    return {
      schema: queueSchema(ours),
      isPending: false,
      message: `this role lacks rights to the tables of pg-boss in schema ${queueSchema(ours)}`,
      hint: `ask the owner of that schema to run: ${missing.join('; ')}`,
    };
  }
  const { schema, version, needed, boss } = await queueTables(client, ours);
  if (version === needed) return null;
  if (version === null) {
    if (await schemaExists(client, schema))
      return {
        schema,
        isPending: true,
        message: `the tables of pg-boss are missing in schema ${schema}`,
        hint: BY_HAND,
      };
    const message = `the tables of pg-boss are missing: there is no schema ${schema}`;
    return { schema, isPending: true, message, hint: `${BY_HAND}; ${ifNotCreatable(schema)}` };
  }
  return {
    schema,
    isPending: true,
    message: `the tables of pg-boss in schema ${schema} have version ${version}, and pg-boss ${boss} needs ${needed}`,
    hint: BY_HAND,
  };
}

/** @throws {DestinationError} when `queueHindrance` finds something */
export async function requireQueue(client: pg.ClientBase, ours: string, name: string): Promise<void> {
  const found = await queueHindrance(client, ours);
  if (found !== null) throw new DestinationError(`${name}: ${found.message}; ${found.hint}`);
}
