import { readFileSync } from 'node:fs';
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { DestinationError } from '../../../src/destinations/contract/destination-error.ts';
import { PostgresDestination } from '../../../src/destinations/postgres/postgres-destination.ts';
import { missingGrants } from '../../../src/destinations/postgres/schema/grants.ts';
import { exportedUsers, rowTables } from '../../../src/rows/tables.ts';
import { runHere } from '../../support/command-line.ts';
import { createDatabase } from '../../support/database.ts';
import { hasPgBoss } from '../../support/pg-boss.ts';
import { csvRows, postgresRows } from '../../support/rows.ts';
import { describeServers } from '../../support/servers.ts';
import { runAgainst, startSimulation } from '../../support/simulation.ts';
import {
  all,
  app,
  finish,
  newRun,
  only,
  resultOf,
  timelineOf,
  unexported,
  userIds,
  userWith,
} from '../samples.ts';
import { leaseRow, request } from './sharing/leases.ts';

const page = readFileSync(new URL('../../../docs/postgresql.md', import.meta.url), 'utf8');
const section = /\n## Roles\n(.*?)\n## /s.exec(page)?.[1] ?? '';
/** The SQL that docs/postgresql.md gives, as it stands there: for the database's owner, then for that of the tables. */
const [forDatabase = '', forTables = ''] = [...section.matchAll(/```sql\n(.*?)```/gs)].map(([, sql]) => sql);

const sharing = readFileSync(new URL('../../../docs/sharing.md', import.meta.url), 'utf8');
/** The SQL that docs/sharing.md adds for the tables of pg-boss: the same two roles run it. */
const [schemaOfQueue = '', grantsOfQueue = ''] = [...sharing.matchAll(/```sql\n(.*?)```/gs)].map(
  ([, sql = '']) => sql,
);

/** Every right that the page's SQL grants to the role that runs. */
const RIGHTS: readonly (readonly [what: string, grant: string])[] = [
  ['temporary on database analytics', 'grant temporary on database analytics to chat_exporter'],
  ['usage on schema chat_export', 'grant usage on schema chat_export to chat_exporter'],
  ...[...forTables.matchAll(/grant ([^;]*?) on ([^;]*?) to chat_exporter;/g)].flatMap(([, rights, tables]) =>
    (tables ?? '').split(/,\s*/).flatMap((table) =>
      (rights ?? '').split(', ').map((right): [string, string] => {
        const what = `${right} on ${table}`;
        return [what, `grant ${what} to chat_exporter`];
      }),
    ),
  ),
];

describeServers('the roles of docs/postgresql.md', (server) => {
  let url = '';
  let admin: pg.Client;
  const as = (role: string): string => {
    const one = new URL(url);
    one.searchParams.set('user', role);
    return one.href;
  };

  beforeAll(async () => {
    const database = await createDatabase({ server, name: 'analytics' });
    url = database.url;
    admin = await connected(url);
    // The grants are tested without the default privileges of PUBLIC.
    await admin.query(
      'revoke temporary on database analytics from public; revoke all on schema public from public',
    );
    await admin.query(forDatabase);
    const migrated = await runHere(['migrate', 'up', '--to', as('chat_owner')]);
    expect(migrated).toMatchObject({ code: 0 });
    const owner = await connected(as('chat_owner'));
    await owner.query(forTables);
    await owner.end();
    return async () => {
      await admin.end();
      await database.drop();
      const cluster = await connected(url.replace('/analytics?', '/postgres?'));
      await cluster.query('drop role chat_owner, chat_exporter, chat_reader');
      await cluster.end();
    };
  });

  const open = (notices: string[] = []): Promise<PostgresDestination> =>
    PostgresDestination.open({
      url: as('chat_exporter'),
      name: 'postgres://test',
      schema: 'chat_export',
      sdkAppId: app,
      migrate: false,
      history: true,
      keepRuns: 1,
      maxOutageMs: 0,
      stop: new AbortController().signal,
      events: { onOutage: () => {}, onNotice: (notice) => void notices.push(notice) },
    });

  let runs = 0;
  /** Everything that a run does: slots of a shared quota, new users, new, changed and removed rows, deferred users, and the removal of old runs. */
  async function twoRuns(destination: PostgresDestination): Promise<void> {
    await leaseRow(as('chat_exporter'), 'chat_export').lease(request());
    for (const peers of [
      ['a', 'b'],
      ['b', 'c'],
    ]) {
      runs += 1;
      const run = await destination.begin(newRun(5, 5), [[...userIds(4), `new${runs}`]]);
      await run.commit(
        resultOf(run, only(await all(run.openChunks(1))), {
          exported: [userWith('u1', peers, { custom_mark: peers[0] ?? null })].map((user) => ({
            ...user,
            contactGroups: user.contactGroups.map((row) => ({ ...row, contact_group_name: peers.join() })),
          })),
          unexported: [unexported('u2', 'not_in_app')],
          deferred: ['u3', 'u4'],
          removeNotInApp: true,
        }),
      );
      await run.planSecondPass();
      await run.commit(
        resultOf(run, only(await all(run.openChunks(2))), {
          exported: [userWith('u3', ['x'])],
          unexported: [unexported('u4', 'invalid_page')],
        }),
      );
      await run.saveTimeline(timelineOf(1));
      await run.saveTimeline(timelineOf(2));
      await finish(run);
      await destination.abandon((await destination.begin(newRun(1, 1), [['u1']])).record);
    }
    expect(await destination.someExportedUser()).not.toBeNull();
    expect(await destination.storedKeyFingerprint()).toEqual({ keyFingerprint: null });
    expect((await destination.suppressed()).isEmpty).toBe(true);
  }

  test('serve runs, their readers, and no more', async () => {
    const simulation = await startSimulation({ users: 200, rate: 1_000, changed: 0.3, failing: 0.02 });
    const { args, env } = runAgainst(simulation, as('chat_exporter'), '--no-migrate', '--keep-runs', '1');
    for (const day of [1, 2]) {
      if (day === 2) await simulation.change({ day });
      const run = await runHere([...args, '--not-in-app', 'remove', '--max-attempts', '2'], { env });
      expect(run).toMatchObject({ code: 3 });
      expect(run.stderr).not.toMatch(/old runs were not removed/);
    }
    const expectedDir = await simulation.expectedDirOnDay(2);
    for (const table of [...rowTables, exportedUsers])
      expect(await postgresRows(url, table)).toEqual(await csvRows(expectedDir, table));
    const exporter = await connected(as('chat_exporter'));
    await expect(exporter.query('create table chat_export.mine ()')).rejects.toThrow(
      /^permission denied for schema chat_export$/,
    );
    await expect(exporter.query('create schema mine')).rejects.toThrow(/^permission denied for database /);
    await exporter.end();
    const reader = await connected(url);
    await reader.query('set role chat_reader');
    expect((await reader.query('select from chat_export.conversations limit 1')).rows).toHaveLength(1);
    await reader.query('select * from chat_export.stale_users');
    await expect(reader.query('delete from chat_export.memberships')).rejects.toThrow(
      /^permission denied for table memberships$/,
    );
    await reader.end();
  });

  test.each(RIGHTS)(
    'without %s a run is refused, with the grant in its message, and writes nothing',
    async (what, grant) => {
      await admin.query(`revoke ${what} from chat_exporter`);
      try {
        const client = await connected(as('chat_exporter'));
        expect(await missingGrants(client, 'chat_export')).toEqual([grant]);
        await client.end();
        const error = await open().catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(DestinationError);
        expect(String(error)).toMatch(new RegExp(`^DestinationError: postgres://test: [^\\n]*: ${grant}$`));
      } finally {
        await admin.query(grant);
      }
    },
  );

  test('lack nothing, and the command reports a revoked privilege with exit code 5', async () => {
    const client = await connected(as('chat_exporter'));
    expect(await missingGrants(client, 'chat_export')).toEqual([]);
    await client.end();
    const taken = 'insert, delete on chat_export.memberships';
    await admin.query(`revoke ${taken} from chat_exporter`);
    const simulation = await startSimulation({ users: 10 });
    const { args, env } = runAgainst(simulation, as('chat_exporter'), '--no-migrate', '--quiet');
    const run = await runHere(args, { env });
    await admin.query(`grant ${taken} to chat_exporter`);
    expect(run).toMatchObject({ code: 5, stdout: '' });
    expect(run.stderr).toMatch(
      /^chat-export: postgres:[^\n]*: grant insert, delete on chat_export\.memberships to chat_exporter\n$/,
    );
    expect((await simulation.report()).calls).toBe(0);
  });

  test.skipIf(!hasPgBoss())(
    'pull a shared run, too, with what docs/sharing.md adds (needs pg-boss: see CONTRIBUTING.md)',
    async () => {
      const migrate = () => runHere(['migrate', 'up', '--share', '--to', as('chat_owner')]);
      const refused = await migrate();
      expect(refused.code).toBe(5);
      expect(refused.stderr).toContain(
        `ask the owner of the database to run: ${schemaOfQueue.replace(';', '').trim()}\n`,
      );
      await admin.query(schemaOfQueue);
      expect(await migrate()).toMatchObject({ code: 0 });
      const owner = await connected(as('chat_owner'));
      await owner.query('revoke execute on all functions in schema chat_export_jobs from public');
      await owner.query(grantsOfQueue);
      await owner.end();
      const simulation = await startSimulation({ users: 30, rate: 10_000 });
      const { args, env } = runAgainst(simulation, as('chat_exporter'), '--share', '--no-migrate');
      const { code, stderr } = await runHere([...args, '--name', 'shared', '--fresh'], { env });
      expect(code, stderr).toBe(0);
      expect(stderr).not.toMatch(/permission denied (?!to vacuum)|queue:/);
    },
  );

  // A right that a run could do without would be one too many.
  test.each(RIGHTS.filter(([what]) => !/database|schema/.test(what)))(
    '%s is really needed',
    async (what, grant) => {
      const notices: string[] = [];
      const destination = await open(notices);
      await admin.query(`revoke ${what} from chat_exporter`);
      try {
        const error = await twoRuns(destination).catch((caught: unknown) => caught);
        const refused = [String(error), ...notices].filter(
          (said) => !said.includes('permission denied to vacuum'),
        );
        expect(refused.join()).toMatch(/permission denied/);
      } finally {
        await admin.query(grant);
        await destination.close();
      }
    },
  );

  test('do all that a run ever does', async () => {
    const notices: string[] = [];
    const destination = await open(notices);
    await twoRuns(destination);
    await destination.close();
    // PostgreSQL 15 says it in the other words.
    const ofVacuum = /permission denied to vacuum|only table or database owner can vacuum it/;
    expect(notices.filter((notice) => !ofVacuum.test(notice))).toEqual([]);
  });
});

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  return client;
}
