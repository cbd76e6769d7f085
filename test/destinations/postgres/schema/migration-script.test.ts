import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { runHere } from '../../../support/command-line.ts';
import { describeServers } from '../../../support/servers.ts';
import { runAgainst, startSimulation } from '../../../support/simulation.ts';
import { PostgresGround } from '../ground.ts';

const PSQL = '/usr/lib/postgresql/15/bin/psql';
const noPsql = !existsSync(PSQL);

/** Pipes a script into psql. @returns its exit code and its output */
async function psql(url: string, script: string): Promise<{ readonly code: number; readonly said: string }> {
  return await new Promise((resolve) => {
    const args = ['--no-psqlrc', '--quiet', '--dbname', url];
    const child = execFile(PSQL, args, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    );
    child.stdin?.end(script);
  });
}

describeServers('migrate sql', (server) => {
  const ground = new PostgresGround(server);
  const migrate = (action: string, schema: string) =>
    runHere(['migrate', action, '--to', ground.url, '--schema', schema]);
  const script = async (schema: string): Promise<string> => {
    const { code, stdout, stderr } = await migrate('sql', schema);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  /** The whole content of a schema, from the catalogs. */
  const content = (schema: string) =>
    ground.query(
      `select c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull,
              replace(pg_get_viewdef(case c.relkind when 'v' then c.oid end), $1 || '.', '') as view,
              replace(pg_get_indexdef(case c.relkind when 'i' then c.oid end), $1 || '.', '') as index
       from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
       where c.relnamespace = to_regnamespace($1) order by c.relname, a.attnum`,
      [schema],
    );

  describe.skipIf(noPsql)('(needs psql)', () => {
    test('prints what psql applies whole, and then nothing is pending', async () => {
      const [byScript, byCommand] = [ground.schema(), ground.schema()];
      expect(await psql(ground.url, await script(byScript))).toEqual({ code: 0, said: '' });
      expect((await migrate('up', byCommand)).code).toBe(0);
      expect(await content(byScript)).toEqual(await content(byCommand));
      const names = (schema: string) =>
        ground.query(`select id, name from ${schema}.schema_migrations order by id`);
      expect(await names(byScript)).toEqual(await names(byCommand));
      const status = await migrate('status', byScript);
      expect(status.stdout).toBe((await migrate('status', byCommand)).stdout);
      expect(status.stdout).not.toContain('pending');
      expect(await script(byScript)).toMatch(/^-- Schema [^\n]*: nothing is pending\.\n$/);
      expect((await migrate('up', byScript)).stdout).toMatch(/is up to date/);

      const simulation = await startSimulation({ users: 20, rate: 1_000 });
      const { args, env } = runAgainst(simulation, ground.url, '--no-migrate', '--schema', byScript);
      expect(await runHere(args, { env })).toMatchObject({ code: 0 });
    });

    test.each([
      'a$$b',
      'a$chat_export$b',
      '$chat_export_1$',
      'Old "one',
      "it's",
      'back\\slash \\q',
      ':name',
      'select',
      '数据 ü',
      'x'.repeat(63),
    ])('prints what psql applies for a schema called %j, and a run can use it', async (schema) => {
      expect(await psql(ground.url, await script(schema))).toEqual({ code: 0, said: '' });
      expect((await migrate('status', schema)).stdout).not.toContain('pending');
      const simulation = await startSimulation({ users: 5, rate: 1_000 });
      const { args, env } = runAgainst(simulation, ground.url, '--schema', schema);
      expect(await runHere(args, { env })).toMatchObject({ code: 0 });
      expect(
        await ground.query('select nspname from pg_namespace where nspname = $1', [schema]),
      ).toHaveLength(1);
      await ground.query(`drop schema ${pg.escapeIdentifier(schema)} cascade`);
    });

    test('a name with quotation marks is not brought up to date by the command itself', async () => {
      const { code, stderr } = await migrate('up', 'Old "one');
      expect(stderr).toMatch(
        /--schema Old "one: a schema whose name has quotation marks cannot be migrated from here; apply what chat-export migrate sql prints/,
      );
      expect(code).toBe(2);
    });

    test('is refused by the database when it was applied meanwhile, and changes nothing', async () => {
      const schema = ground.schema();
      const text = await script(schema);
      await psql(ground.url, text);
      const before = await content(schema);
      const again = await psql(ground.url, text);
      expect(again.code).toBe(3);
      expect(again.said).toMatch(/no longer as it was when this script was printed; print it again/);
      expect(await content(schema)).toEqual(before);
    });

    test('leaves nothing half done when a statement fails, even if psql continues', async () => {
      const schema = ground.schema();
      const text = (await script(schema)).replace(/^\\set .*$/m, '').replace('create index', 'create indexx');
      expect((await psql(ground.url, text)).said).toMatch(/syntax error/);
      expect(await ground.query('select to_regnamespace($1) as oid', [schema])).toEqual([{ oid: null }]);
    });
  });

  test('and up need no right to make schemas where the schema is there', async () => {
    const schema = ground.schema();
    await ground.query(
      `create role ${schema}_owner login; create schema ${schema} authorization ${schema}_owner`,
    );
    const url = new URL(ground.url);
    url.searchParams.set('user', `${schema}_owner`);
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await expect(client.query('create schema another')).rejects.toThrow(/^permission denied for database /);
    await client.end();
    const run = await runHere(['migrate', 'up', '--to', url.href, '--schema', schema]);
    expect(run).toMatchObject({ code: 0 });
    await ground.query(`drop schema ${schema} cascade; drop role ${schema}_owner`);
  });
});
