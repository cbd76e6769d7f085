import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runHere } from '../../../support/command-line.ts';
import { bossPlans, hasPgBoss } from '../../../support/pg-boss.ts';
import { describeServers } from '../../../support/servers.ts';
import { runAgainst, startSimulation } from '../../../support/simulation.ts';
import { PostgresGround } from '../ground.ts';

const PSQL = '/usr/lib/postgresql/15/bin/psql';
const noPsql = !existsSync(PSQL);

/** Pipes a script into psql. @returns its exit code and its output */
const psql = (url: string, script: string): Promise<{ readonly code: number; readonly said: string }> =>
  new Promise((resolve) => {
    const args = ['--no-psqlrc', '--quiet', '--tuples-only', '--dbname', url];
    const child = execFile(PSQL, args, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: (stdout + stderr).trim() }),
    );
    child.stdin?.end(script);
  });

describe.skipIf(!hasPgBoss())('the tables of pg-boss (needs pg-boss: see CONTRIBUTING.md)', () => {
  describeServers('for a shared run', (server) => {
    const ground = new PostgresGround(server);
    const migrate = (action: string, schema: string, ...more: readonly string[]) =>
      runHere(['migrate', action, '--to', ground.url, '--schema', schema, '--share', ...more]);
    const versionOf = async (schema: string): Promise<number> =>
      Number((await ground.query(`select version from ${schema}_jobs.version`))[0]?.version);
    /** The whole content of a schema, from the catalogs, without parts named by the day. */
    const content = (schema: string) =>
      ground.query(
        `select c.relname, c.relkind, a.attname, replace(format_type(a.atttypid, a.atttypmod), $1 || '.', '') as type, a.attnotnull,
                replace(pg_get_indexdef(case c.relkind when 'i' then c.oid end), $1 || '.', '') as index
         from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relnamespace = to_regnamespace($1) order by c.relname, a.attname`,
        [`${schema}_jobs`],
      );

    test('migrate up makes them once, also when two start it together', async () => {
      const schema = ground.schema();
      const before = await migrate('status', schema);
      expect(before.stdout).toMatch(/^pending {2}pg-boss \d+ in schema \w+_jobs$/m);
      const ends = await Promise.all([migrate('up', schema), migrate('up', schema)]);
      for (const { code, stderr } of ends) expect(code, stderr).toBe(0);
      expect(ends.filter(({ stdout }) => /now has .*pg-boss \d+ in schema/.test(stdout))).toHaveLength(1);
      expect((await migrate('up', schema)).stdout).toMatch(/is up to date/);
      const after = await migrate('status', schema);
      expect(after.stdout).toMatch(/^applied {2}pg-boss \d+ in schema \w+_jobs$/m);
      expect(after.stdout).not.toContain('pending');
    });

    test('without --share, migrate leaves them out', async () => {
      const schema = ground.schema();
      const to = ['--to', ground.url, '--schema', schema];
      expect((await runHere(['migrate', 'up', ...to])).stdout).not.toContain('pg-boss');
      expect((await runHere(['migrate', 'status', ...to])).stdout).not.toContain('pg-boss');
      expect((await runHere(['migrate', 'sql', ...to])).stdout).not.toContain('pg-boss');
      expect(await content(schema)).toEqual([]);
    });

    test.skipIf(noPsql)(
      'migrate sql prints what psql applies, and then nothing is pending (needs psql)',
      async () => {
        const [byScript, byCommand] = [ground.schema(), ground.schema()];
        const { stdout } = await migrate('sql', byScript);
        expect((await psql(ground.url, stdout)).code).toBe(0);
        expect((await migrate('up', byCommand)).code).toBe(0);
        expect(await content(byScript)).toEqual(await content(byCommand));
        expect((await migrate('up', byScript)).stdout).toMatch(/is up to date/);
        const [, queue = ''] = (await migrate('sql', byScript)).stdout.trim().split('\n\n');
        expect(queue).toMatch(/^-- Schema \w+_jobs of [^\n]*: nothing is pending\.$/);
      },
    );

    test.each(['up', 'sql'])('migrate %s brings those of an older pg-boss up to date', async (action) => {
      const [schema, fresh] = [ground.schema(), ground.schema()];
      await migrate('up', schema);
      await migrate('up', fresh);
      const version = await versionOf(schema);
      const { getRollbackPlans } = await bossPlans();
      const client = await ground.connect();
      // Over two versions, one of which builds an index outside of a transaction.
      for (let older = version; older > version - 10; older -= 1)
        await client.query(getRollbackPlans(`${schema}_jobs`, older));
      await client.end();
      const { args, env } = runAgainst(await startSimulation({ users: 1 }), ground.url, '--schema', schema);
      const refused = await runHere([...args, '--share', '--no-migrate'], { env });
      expect(refused.code).toBe(5);
      expect(refused.stderr).toContain(
        `the tables of pg-boss in schema ${schema}_jobs have version ${version - 10}`,
      );
      if (action === 'up') expect((await migrate('up', schema)).code).toBe(0);
      else if (noPsql) return;
      else expect((await psql(ground.url, (await migrate('sql', schema)).stdout)).code).toBe(0);
      expect(await versionOf(schema)).toBe(version);
      expect(await content(schema)).toEqual(await content(fresh));
    });

    test('those of a later pg-boss are refused', async () => {
      const schema = ground.schema();
      await migrate('up', schema);
      await ground.query(`update ${schema}_jobs.version set version = version + 1`);
      const { code, stderr } = await migrate('up', schema);
      expect(code).toBe(5);
      expect(stderr).toContain(
        `install the release that made them, or a later one: run in ${process.cwd()}: npm install --no-save --save-peer pg-boss@12`,
      );
    });

    test('run --no-migrate names them when they are missing, and what makes them', async () => {
      const schema = ground.schema();
      await runHere(['migrate', 'up', '--to', ground.url, '--schema', schema]);
      const simulation = await startSimulation({ users: 1 });
      const { args, env } = runAgainst(simulation, ground.url, '--schema', schema, '--share', '--no-migrate');
      const { code, stderr } = await runHere(args, { env });
      expect(code).toBe(5);
      expect(stderr).toContain(
        `the tables of pg-boss are missing: there is no schema ${schema}_jobs; ask a role that may create tables ` +
          'to run chat-export migrate up --share, or the output of chat-export migrate sql --share; if that role may not ' +
          `create schemas, ask first the owner of the database to run: create schema ${schema}_jobs authorization ROLE`,
      );
      expect((await simulation.report()).calls).toBe(0);
    });

    test('a role with the grants of docs/sharing.md pulls a shared run, and without them a run says which', async () => {
      const page = await import('node:fs/promises').then(({ readFile }) =>
        readFile(new URL('../../../../docs/sharing.md', import.meta.url), 'utf8'),
      );
      const [, grants = ''] = /```sql\n(\s*grant[^`]*)```/.exec(page) ?? [];
      const schema = ground.schema();
      const role = `exporter_${schema}_${server}`;
      await migrate('up', schema);
      await ground.query(
        `create role ${role} login; grant usage on schema ${schema} to ${role};
         grant select, insert, update, delete on all tables in schema ${schema} to ${role};
         revoke execute on all functions in schema ${schema}_jobs from public`,
      );
      const url = new URL(ground.url);
      url.searchParams.set('user', role);
      const simulation = await startSimulation({ users: 30, rate: 10_000 });
      const { args, env } = runAgainst(simulation, url.href, '--schema', schema, '--share', '--no-migrate');
      const refused = await runHere(args, { env });
      expect(refused.code).toBe(5);
      const own = grants.replaceAll('chat_export_jobs', `${schema}_jobs`).replaceAll('chat_exporter', role);
      for (const grant of own.trim().split(/;\s*/).filter(Boolean)) expect(refused.stderr).toContain(grant);
      await ground.query(own);
      const { code, stderr } = await runHere(args, { env });
      expect(code, stderr).toBe(0);
      expect(stderr).not.toContain('queue:');
      await ground.query(`drop owned by ${role}; drop role ${role}`);
    });

    test('check --share says what is missing, and what a run would do', async () => {
      const schema = ground.schema();
      const simulation = await startSimulation({ users: 1 });
      const { args, env } = runAgainst(simulation, ground.url, '--schema', schema, '--share');
      const sharing = async (...more: readonly string[]): Promise<Record<string, unknown> | undefined> => {
        const flags = args.slice(1).filter((flag) => flag !== '--log-level' && flag !== 'debug');
        const { stdout } = await runHere(['check', ...flags, '--json', ...more], { env });
        const { findings } = JSON.parse(stdout) as { findings: Record<string, unknown>[] };
        return findings.find(({ subject }) => subject === 'sharing');
      };
      expect(await sharing()).toMatchObject({
        state: 'pass',
        message: expect.stringContaining('a run creates or migrates them'),
      });
      expect(await sharing('--no-migrate')).toMatchObject({
        state: 'fail',
        exit_code: 5,
        hint: expect.stringContaining('chat-export migrate up --share'),
      });
      await migrate('up', schema);
      expect(await sharing('--no-migrate')).toMatchObject({
        state: 'pass',
        message: expect.stringMatching(
          /^pg-boss 12\.\d+\.\d+ is installed, and its tables .* are up to date$/,
        ),
      });
    });
  });
});
