import { expect, test } from 'vitest';
import { schemaDocs } from '../../../src/destinations/postgres/schema/schema-docs.ts';
import { describeServers } from '../../support/servers.ts';
import { PostgresGround } from './ground.ts';

describeServers('the comments of a schema', (server) => {
  const ground = new PostgresGround(server);

  test('say what every table, every view and every column holds, as the dictionary does', async () => {
    const schema = ground.schema();
    await (await ground.open(schema)).close();
    const rows = await ground.query(
      `select c.relname as relation, a.attname as column, case c.relkind when 'v' then 'view' else 'table' end as kind,
              obj_description(c.oid, 'pg_class') as description, col_description(c.oid, a.attnum) as "columnMeaning"
       from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p', 'v')`,
      [schema],
    );
    const meant = schemaDocs.flatMap(({ name, kind, description, columns }) =>
      Object.entries(columns).map(([column, columnMeaning]) => ({
        relation: name,
        column,
        kind,
        description,
        columnMeaning,
      })),
    );
    const byName = (a: { relation?: unknown; column?: unknown }, b: typeof a): number =>
      `${a.relation}.${a.column}` < `${b.relation}.${b.column}` ? -1 : 1;
    expect(rows.toSorted(byName)).toEqual(meant.toSorted(byName));
  });
});
