import type pg from 'pg';
import type { TypedColumn } from '../../contract/kind-database.ts';
import type { ResultColumn } from './result-columns.ts';

// OIDs that PostgreSQL never changes (src/include/catalog/pg_type.dat).
const WHOLE = new Set([20, 21, 23]);
const NUMERIC = 1700;
const UUID = 2950;

// A domain is described by its base type.
const TYPES = `select pg_catalog.format_type(c.type, c.modifier) as type, t.typtype = 'e' or t.typcategory = 'S' as is_text
from rows from (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.int4[]))
  with ordinality as c(type, modifier, n)
join pg_catalog.pg_type t on t.oid = c.type order by c.n`;

/** Asks the server for the kinds of a result's columns. */
export async function columnKinds(
  client: pg.Client,
  columns: readonly ResultColumn[],
): Promise<TypedColumn[]> {
  const { rows } = await client.query(TYPES, [
    columns.map(({ typeId }) => typeId),
    columns.map(({ modifier }) => modifier),
  ]);
  return columns.map((column, i) => {
    const { type = 'unknown', is_text: isText = false } = rows[i] ?? {};
    const kind = isText || column.typeId === UUID ? 'text' : isWhole(column) ? 'whole' : 'other';
    return { name: column.name, type: String(type), kind };
  });
}

/** A numeric declared with scale 0 has no fraction. The scale is in the low 11 bits of the modifier. */
function isWhole({ typeId, modifier }: ResultColumn): boolean {
  if (typeId !== NUMERIC) return WHOLE.has(typeId);
  if (modifier < 0) return false;
  const scale = (((modifier - 4) & 0x7ff) ^ 0x400) - 0x400;
  return scale <= 0;
}
