import type pg from 'pg';
import { DestinationError } from '../../contract/destination-error.ts';

/** A table with row-level security that applies to the role of a connection. */
type SecuredTable = { readonly table: string; readonly hidesRows: boolean };

/**
 * The named tables with row-level security for the role of a connection. No row is hidden if a policy lets the role read every
 * row and no other policy restricts it.
 */
async function securedTables(
  client: pg.ClientBase,
  schema: string,
  tables: readonly string[],
): Promise<SecuredTable[]> {
  const { rows } = await client.query(
    `select c.relname as "table",
            not coalesce(bool_or(p.polpermissive and p.passes), false)
              or coalesce(bool_or(not p.polpermissive and not p.passes), false) as "hidesRows"
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     left join lateral (
       select polpermissive, pg_get_expr(polqual, polrelid) = 'true' as passes
       from pg_policy
       where polrelid = c.oid and polcmd in ('*', 'r')
         and exists (select from unnest(polroles) as r(role) where r.role = 0 or pg_has_role(r.role, 'usage'))
     ) p on true
     where n.nspname = $1 and c.relname = any($2) and c.relkind in ('r', 'p') and row_security_active(c.oid)
     group by c.relname order by c.relname`,
    [schema, tables],
  );
  return rows as SecuredTable[];
}

/** The effect of row-level security on a run, in words; null when there is none. */
export async function rowSecurity(
  client: pg.ClientBase,
  schema: string,
  tables: readonly string[],
): Promise<string | null> {
  const secured = await securedTables(client, schema, tables);
  const hidden = secured.filter(({ hidesRows }) => hidesRows);
  if (hidden.length > 0)
    return `row-level security hides rows of ${tableNames(schema, hidden)} from this role`;
  // PostgreSQL's manual, "COPY": it does not copy into such a table.
  return secured.length > 0
    ? `row-level security keeps this role from copying rows into ${tableNames(schema, secured)}`
    : null;
}

/** @throws {DestinationError} when rows of one of the tables may be hidden from the role of a connection */
export async function requireAllRows(
  client: pg.ClientBase,
  schema: string,
  tables: readonly string[],
  name: string,
): Promise<void> {
  const hidden = (await securedTables(client, schema, tables)).filter(({ hidesRows }) => hidesRows);
  if (hidden.length === 0) return;
  throw new DestinationError(
    `${name}: row-level security hides rows of ${tableNames(schema, hidden)} from this role; ` +
      'add a policy that shows all rows to it, or use a role that sees them',
  );
}

const tableNames = (schema: string, secured: readonly SecuredTable[]): string =>
  secured.map(({ table }) => `${schema}.${table}`).join(', ');
