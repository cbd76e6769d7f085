import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { QueryError } from '../../../src/destinations/contract/query-error.ts';
import { ReadOnlySession } from '../../../src/destinations/postgres/read/read-only-session.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { ask, start } from './embedded-ground.ts';

test('who queries an embedded database can read every table, and do nothing to it or to its machine', async () => {
  const server = await start({ dir: join(await temporaryDirectory(), 'db') });
  await ask(
    server.url,
    `create schema mine; create table mine.users (user_id text); insert into mine.users values ('u1');
     create function mine.escape(path text) returns int language plpgsql as
       $$ begin execute format('copy (select 1) to %L', path); return 1; end $$;
     grant usage on schema mine to public; select lo_from_bytea(7, 'x')`,
  );
  // Several at once, and one of them creates the role.
  const [url = ''] = await Promise.all([1, 2, 3].map(() => server.readerUrl()));
  const first = async (query: string): Promise<unknown> => {
    const options = { url, name: 'embedded:test', purpose: 'query', schema: 'mine' };
    const session = await ReadOnlySession.open({ ...options, stop: new AbortController().signal });
    try {
      const part = await session.rows(query, 1).next();
      return part.done ? null : part.value.rows[0]?.[0];
    } finally {
      await session.close();
    }
  };
  expect(await first('select user_id from users')).toBe('u1');
  expect(await first("select string_agg(rolname, '') from pg_roles where pg_has_role(oid, 'member')")).toBe(
    'pg_read_all_datachat_export_reader',
  );
  const file = join(server.dir, 'escaped');
  for (const query of [
    `select lo_export(7, '${file}')`,
    `select escape('${file}')`,
    "select pg_read_file('/etc/passwd')",
    "select set_config('role', 'postgres', false)",
    "select set_config('session_authorization', 'postgres', false)",
    'select pg_reload_conf()',
    "delete from users returning 'gone'",
  ]) {
    await expect(first(query)).rejects.toThrow(QueryError);
  }
  expect(await readdir(server.dir)).not.toContain('escaped');
  expect(await ask(server.url, 'select count(*)::int from mine.users')).toEqual({ count: 1 });
});
