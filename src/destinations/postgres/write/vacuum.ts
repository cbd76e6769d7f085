import type pg from 'pg';
import { rowTables } from '../../../rows/tables.ts';
import type { RunCounts } from '../../contract/counts.ts';
import { quoteIdentifier } from '../schema/sql-text.ts';
import { cancelOnStop } from '../session/cancel-on-stop.ts';
import type { Session } from '../session/session.ts';

/** A table is vacuumed when a run changed a larger share of it. */
const MUCH = 0.05;

export type VacuumOptions = {
  readonly schema: string;
  /** Rows written and removed, by table. */
  readonly changes: RunCounts['changes'];
  /** Whether every version of the rows is kept. */
  readonly keepsHistory: boolean;
  /** Ends the current vacuum and skips the rest. */
  readonly stop: AbortSignal;
  readonly onNotice: (message: string) => void;
};

/**
 * Vacuums and analyzes the tables with many changes, so that readers meet neither dead rows nor old statistics. A failure is
 * reported and does not fail the run: autovacuum follows later.
 */
export async function vacuumChanged(session: Session, options: VacuumOptions): Promise<void> {
  await session.once(async (client) => {
    const warnings: string[] = [];
    const onWarning = ({ message }: { readonly message: string | undefined }): void =>
      void warnings.push(String(message));
    client.on('notice', onWarning);
    try {
      for (const table of await muchChanged(client, options)) await vacuum(session, client, table, options);
    } finally {
      client.off('notice', onWarning);
    }
    // For example, the table belongs to another role: the server warns, and does nothing.
    if (warnings.length > 0) options.onNotice(`after the run: ${warnings.join('; ')}`);
  });
}

async function vacuum(
  session: Session,
  client: pg.ClientBase,
  table: string,
  { schema, stop, onNotice }: VacuumOptions,
): Promise<void> {
  if (stop.aborted) return;
  try {
    await cancelOnStop(session, client, stop, async () => {
      await client.query("set lock_timeout = '5s'");
      await client.query(`vacuum (analyze) ${quoteIdentifier(schema)}.${quoteIdentifier(table)}`);
    });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    onNotice(`after the run: ${schema}.${table} was not vacuumed: ${said}`);
  }
}

/** The tables that changed by more than their share, and those without statistics. */
async function muchChanged(
  client: pg.ClientBase,
  { schema, changes, keepsHistory }: VacuumOptions,
): Promise<string[]> {
  const changed = new Map(Object.entries(changes).filter(([, rows]) => rows > 0));
  // Each change is a version. A new history has all rows, whatever its run changed.
  if (keepsHistory) for (const { name } of rowTables) changed.set(`${name}_history`, changes[name] ?? 0);
  if (changed.size === 0) return [];
  const { rows } = await client.query<{ name: string; size: number }>(
    `select c.relname as name, case when c.relkind = 'r' then c.reltuples else (
       select case when min(leaf.reltuples) < 0 then -1 else sum(leaf.reltuples) end
       from pg_partition_tree(c.oid) part join pg_class leaf on leaf.oid = part.relid where part.isleaf
     ) end as size
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = any($2)
       and (c.relkind = 'p' or c.relkind = 'r' and pg_relation_size(c.oid) > 0) order by c.relname`,
    [schema, [...changed.keys()]],
  );
  return rows
    .filter(({ name, size }) => size < 0 || (changed.get(name) ?? 0) > MUCH * size)
    .map(({ name }) => name);
}
