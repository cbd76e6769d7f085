import pg from 'pg';
import Cursor from 'pg-cursor';
import type { ColumnKind, QueryRows } from '../../contract/kind-database.ts';

const { builtins } = pg.types;
const kinds: ReadonlyMap<number, ColumnKind> = new Map([
  ...[
    builtins.INT2,
    builtins.INT4,
    builtins.INT8,
    builtins.FLOAT4,
    builtins.FLOAT8,
    builtins.NUMERIC,
    builtins.OID,
  ].map((oid) => [oid, 'number'] as const),
  [builtins.BOOL, 'boolean'],
  [builtins.JSON, 'json'],
  [builtins.JSONB, 'json'],
]);

/** The rows of one query, in parts. Submit it to a client, then read from it. */
export class QueryCursor extends Cursor<(string | null)[]> {
  constructor(statement: string) {
    super(statement, [], { rowMode: 'array', types: { getTypeParser: () => (text: string) => text } });
  }

  /** The next rows, at most this many; none at the end. */
  next(most: number): Promise<QueryRows> {
    return new Promise((resolve, reject) => {
      this.read(most, (error, rows, { fields } = {} as pg.QueryResult) => {
        if (error) return reject(error);
        const columns = fields.map(({ name, dataTypeID }) => ({
          name,
          kind: kinds.get(dataTypeID) ?? 'text',
        }));
        resolve({ columns, rows });
      });
    });
  }
}
