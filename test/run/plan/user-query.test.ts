import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { openUserQuery } from '../../../src/run/plan/user-query.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import { UserList } from '../../../src/user-list/user-list.ts';
import { createDatabase } from '../../support/database.ts';

let url: string;
beforeAll(async () => {
  ({ url } = await createDatabase());
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create type mood as enum ('alice', 'bob');
create type pair as (a text, b text);
create domain account as text check (value <> '');
create domain feeling as mood;
create domain weight as float8;
create domain number_of_user as numeric(20)`);
  await client.end();
});

async function idsOf(sql: string, column: string | null = null): Promise<string[]> {
  const database = {
    option: '--users-db',
    kind: 'postgres',
    url: new Secret(url),
    shown: 'postgres://crm',
  } as const;
  const stop = new AbortController().signal;
  const list = new UserList(
    openUserQuery({ sql, database }, column, { caFile: null, stop, maxOutageMs: 1_000, onNotice: () => {} }),
    0,
  );
  const ids: string[] = [];
  for await (const batch of list.ids()) ids.push(...batch);
  return ids;
}

test.each([
  ["'alice'", 'alice'],
  ["'alice'::varchar(10)", 'alice'],
  ["'alice'::char(5)", 'alice'],
  ["'alice'::name", 'alice'],
  ["'alice'::mood", 'alice'],
  ["'alice'::feeling", 'alice'],
  ["'alice'::account", 'alice'],
  ['12::int2', '12'],
  ['12::int4', '12'],
  ['9223372036854775807::int8', '9223372036854775807'],
  ['12::numeric(20)', '12'],
  ['18446744073709551615::numeric(20,0)', '18446744073709551615'],
  ['12::number_of_user', '12'],
  // As the hint for a column of money says.
  ["'12'::money::numeric::bigint", '12'],
  ["'a' || 1", 'a1'],
  ['md5(chr(1))', '55a54008ad1ba589aa210d2629c1df41'],
])('a query of %s gives the ID %s', async (expression, id) => {
  expect(await idsOf(`select ${expression} as id`)).toEqual([id]);
});

describe('a query is refused by the type of its column', () => {
  test.each<[string, string, string]>([
    ['1610521604143693812::float8', 'double precision', 'cast it to bigint where every value is whole'],
    ['1.5::float4', 'real', 'cast it to bigint where every value is whole'],
    ['1.5::weight', 'double precision', 'cast it to bigint where every value is whole'],
    ['12::numeric(20,2)', 'numeric(20,2)', 'cast it to bigint where every value is whole'],
    ['12::numeric', 'numeric', 'cast it to bigint where every value is whole'],
    ['sum(1::int8)', 'numeric', 'cast it to bigint where every value is whole'],
    ["'12'::money", 'money', 'cast it to numeric, and that to bigint, where every value is whole'],
    [`'{"user_id":"alice"}'::jsonb -> 'user_id'`, 'jsonb', 'take the text out of it with ->>'],
    [`'"alice"'::json`, 'json', 'take the text out of it with ->>'],
    ["'alice'::bytea", 'bytea', "decode it, as convert_from(…, 'UTF8') does"],
    ["'{alice}'::text[]", 'text[]', 'unnest it'],
    ["'{alice}'::account[]", 'account[]', 'unnest it'],
    ['true', 'boolean', 'cast it to text where that is the ID'],
    ['now()', 'timestamp with time zone', 'cast it to text where that is the ID'],
    ['localtimestamp', 'timestamp without time zone', 'cast it to text where that is the ID'],
    ['current_date', 'date', 'cast it to text where that is the ID'],
    ['localtime', 'time without time zone', 'cast it to text where that is the ID'],
    ["interval '1 day'", 'interval', 'cast it to text where that is the ID'],
    ['int4range(1, 2)', 'int4range', 'cast it to text where that is the ID'],
    ["row('a', 'b')::pair", 'pair', 'cast it to text where that is the ID'],
    ["row('a', 'b')", 'record', 'cast it to text where that is the ID'],
    ["'10.0.0.1'::inet", 'inet', 'cast it to text where that is the ID'],
    ["'<a/>'::xml", 'xml', 'cast it to text where that is the ID'],
    ["B'101'::varbit", 'bit varying', 'cast it to text where that is the ID'],
  ])('%s', async (expression, type, hint) => {
    await expect(idsOf(`select ${expression} as id`)).rejects.toThrow(
      `--users-sql: the column "id" is of the type ${type}; expected a text or a whole number: ${hint}`,
    );
  });

  test('before it runs', async () => {
    await expect(idsOf('select true as id from pg_sleep(600)')).rejects.toThrow('is of the type boolean');
  });

  test('and of no other column', async () => {
    expect(await idsOf("select true as flag, 'alice' as user_id, now() as at")).toEqual(['alice']);
    expect(await idsOf("select 1.5 as user_id, 'alice' as id", 'id')).toEqual(['alice']);
    await expect(idsOf("select 1.5 as user_id, 'alice' as id")).rejects.toThrow(
      '"user_id" is of the type numeric',
    );
  });
});
