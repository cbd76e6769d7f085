import { afterAll, beforeAll, expect, test } from 'vitest';
import { DestinationError } from '../../../../src/destinations/contract/destination-error.ts';
import { inspectSchema } from '../../../../src/destinations/postgres/read/inspect-schema.ts';
import { PostgresArchive } from '../../../../src/destinations/postgres/read/postgres-archive.ts';
import { databaseMigrations } from '../../../../src/destinations/postgres/schema/database-migrations.ts';
import { exitCodes } from '../../../../src/errors/exit-codes.ts';
import { describeServers } from '../../../support/servers.ts';
import { all, app, newRun, userIds } from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

const HIDDEN = /^\S+ postgres:\/\/test: row-level security hides rows of kept\.runs from this role; /;

describeServers('row-level security', (server) => {
  const ground = new PostgresGround(server);
  const role = `exporter_${process.pid}_${server}`;
  let url = '';
  const place = () => ({ url, name: 'postgres://test', schema: 'kept' });

  beforeAll(async () => {
    await ground.query(`create role ${role} login`);
    await ground.query(`create role ${role}_group`);
    await ground.query(`grant ${role}_group to ${role}`);
    const own = new URL(ground.url);
    own.searchParams.set('user', role);
    url = own.href;
    const destination = await ground.open('kept', { history: true });
    await destination.begin(newRun(3, 3), [userIds(3)]);
    await destination.close();
    await ground.query(
      `grant temporary on database ${own.pathname.slice(1)} to ${role};
       grant usage on schema kept to ${role};
       grant select, insert, update, delete on all tables in schema kept to ${role};
       grant usage on all sequences in schema kept to ${role}`,
    );
  });
  afterAll(async () => {
    await ground.query(`drop owned by ${role}, ${role}_group; drop role ${role}, ${role}_group`);
  });

  /** Row-level security on a table, with policies, as long as `work` takes. */
  async function secured<T>(table: string, policies: readonly string[], work: () => Promise<T>): Promise<T> {
    await ground.query(`alter table kept.${table} enable row level security`);
    for (const [i, policy] of policies.entries())
      await ground.query(`create policy p${i} on kept.${table} ${policy}`);
    try {
      return await work();
    } finally {
      for (const i of policies.keys()) await ground.query(`drop policy p${i} on kept.${table}`);
      await ground.query(`alter table kept.${table} disable row level security`);
    }
  }

  async function listed(): Promise<unknown> {
    const archive = await PostgresArchive.open(place());
    try {
      return (await archive.runs({ sdkAppId: null, job: null }, 5)).length;
    } catch (error) {
      return error;
    } finally {
      await archive.close();
    }
  }

  const rights = async () => {
    const { findings } = await inspectSchema({
      ...place(),
      sdkAppId: app,
      job: 'default',
      runId: null,
      migrate: false,
    });
    return {
      all: findings.map(({ message: says }) => says).join('\n'),
      rights: findings.find((found) => found.subject === 'rights'),
    };
  };

  const HIDING: readonly (readonly string[])[] = [
    [],
    [`for select using (sdk_app_id = ${app})`],
    ['for select to pg_monitor using (true)'],
    ['for insert with check (true)', 'for update using (true)'],
    ['for select using (true)', 'as restrictive for select using (run_id > 5)'],
  ];

  test.each(HIDING.map((policies) => [policies]))(
    'with the policies %j is said by a reader, a check and a run',
    async (policies) => {
      await secured('runs', policies, async () => {
        const error = await listed();
        expect(error).toBeInstanceOf(DestinationError);
        expect(String(error)).toMatch(HIDDEN);
        const found = await rights();
        expect(found.rights).toMatchObject({
          state: 'fail',
          message: 'row-level security hides rows of kept.runs from this role',
          exitCode: exitCodes.destination,
        });
        expect(found.all).not.toMatch(/no tables/);
        const run = await ground.open('kept', { url }).catch((caught: unknown) => caught);
        expect(run).toBeInstanceOf(DestinationError);
        expect(String(run)).toMatch(HIDDEN);
      });
      expect(await ground.query('select run_id, attempts from kept.runs')).toMatchObject([{ attempts: 1 }]);
    },
  );

  const SHOWING: readonly (readonly string[])[] = [
    ['for select using (true)'],
    ['using (true) with check (true)'],
    [`for select to ${role}_group using (true)`],
    [`for select using (sdk_app_id = ${app})`, 'for select using (true)'],
    ['for select using (true)', 'as restrictive for select to pg_monitor using (false)'],
    ['for select using (true)', 'as restrictive for delete using (false)'],
  ];

  test.each(SHOWING.map((policies) => [policies]))(
    'with the policies %j does not keep readers out, but runs, which copy',
    async (policies) => {
      await secured('runs', policies, async () => {
        expect(await listed()).toBe(1);
        const says = 'row-level security keeps this role from copying rows into kept.runs';
        expect((await rights()).rights).toMatchObject({ state: 'fail', message: says });
        await expect(ground.open('kept', { url })).rejects.toThrow(says);
      });
    },
  );

  test('on the table of migrations never passes for a schema without tables', async () => {
    await secured('schema_migrations', [], async () => {
      await expect(databaseMigrations(place(), 'status')).rejects.toThrow(
        /row-level security hides rows of kept\.schema_migrations/,
      );
      expect((await rights()).all).not.toMatch(/no tables/);
      await expect(ground.open('kept', { url })).rejects.toThrow(/hides rows of kept\.schema_migrations/);
    });
  });

  test.each([
    'run_chunks',
    'run_attempts',
    'unexported_users',
    'exported_users',
    'memberships',
    'conversations_history',
  ])('on %s is reported by commands that read it, and excludes no others', async (table) => {
    await secured(table, [], async () => {
      const archive = await PostgresArchive.open(place());
      const said = { runs: '', unexported: '', timelines: '', checks: '', changes: '' };
      const saying = async (of: keyof typeof said, work: () => Promise<unknown>): Promise<void> => {
        const fresh = await PostgresArchive.open(place());
        await work().catch((error: Error) => {
          said[of] = error.message;
        });
        await fresh.close();
      };
      await saying('runs', () => archive.runs({ sdkAppId: null, job: null }, 1));
      const owners = await PostgresArchive.open({ ...place(), url: ground.url });
      const run = await owners.find(1);
      await owners.close();
      if (run === null) throw new Error('there is no run');
      await saying('unexported', () => all(archive.unexported(run)));
      await saying('timelines', () => archive.timelines(run));
      await saying('checks', () => all(archive.checks(run)));
      await saying('changes', () => all(archive.changes(run, 0)));
      await archive.close();
      const readers = Object.entries(said).filter(([, text]) =>
        text.includes(`hides rows of kept.${table} `),
      );
      expect(readers.map(([reader]) => reader)).toEqual(
        {
          run_chunks: ['runs', 'checks'],
          run_attempts: ['timelines'],
          unexported_users: ['unexported', 'checks'],
          exported_users: ['checks'],
          memberships: ['checks'],
          conversations_history: ['changes'],
        }[table],
      );
      expect(Object.values(said).filter((text) => text !== '')).toHaveLength(readers.length);
      await expect(ground.open('kept', { url })).rejects.toThrow(`hides rows of kept.${table} `);
    });
  });

  test('does not concern the owner of the tables, unless it is forced', async () => {
    await secured('runs', [], async () => {
      await ground.query(`alter table kept.runs owner to ${role}`);
      expect(await listed()).toBe(1);
      await (await ground.open('kept', { url })).close();
      await ground.query('alter table kept.runs force row level security');
      expect(String(await listed())).toMatch(HIDDEN);
      await ground.query('alter table kept.runs no force row level security');
      await ground.query('alter table kept.runs owner to postgres');
      await ground.query(`grant select, insert, update, delete on kept.runs to ${role}`);
    });
  });

  test('a view in the place of a table is found by a check, and refused before a run begins', async () => {
    await ground.query('alter table kept.exported_users rename to elsewhere');
    await ground.query('create view kept.exported_users as select * from kept.elsewhere');
    await ground.query(`grant select, insert, update, delete on kept.exported_users to ${role}`);
    const says = 'not a table: kept.exported_users (a view)';
    expect((await rights()).rights).toMatchObject({ state: 'fail', message: says });
    await expect(ground.open('kept', { url })).rejects.toThrow(says);
    await ground.query('drop view kept.exported_users');
    await ground.query('alter table kept.elsewhere rename to exported_users');
  });

  test.each([
    ['usage on schema kept', /permission denied for schema kept \(42501\); ask its owner to grant it/],
    ['select on kept.runs', /permission denied for table runs \(42501\); ask its owner to grant it/],
  ])('a reader without %s gets a message', async (right, message) => {
    await ground.query(`revoke ${right} from ${role}`);
    expect(String(await listed())).toMatch(message);
    await ground.query(`grant ${right} to ${role}`);
  });
});
