import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AbortedByStop, DestinationTimeout } from '../../../src/destinations/contract/destination-error.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../../src/destinations/embedded/server.ts';
import {
  PostgresDestination,
  type PostgresOptions,
} from '../../../src/destinations/postgres/postgres-destination.ts';
import { databaseMigrations } from '../../../src/destinations/postgres/schema/database-migrations.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { app } from '../samples.ts';

let server: EmbeddedServer;
let schemas = 0;
const clients: pg.Client[] = [];

beforeAll(async () => {
  const dir = join(await temporaryDirectory(), 'server');
  const first = await startEmbeddedServer({ dir, durable: false });
  await onServer(first.url, 'alter system set max_prepared_transactions = 5');
  await first.stop();
  // Synchronous standbys count only where commits are written at once.
  server = await startEmbeddedServer({ dir });
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await server.stop();
});

async function onServer(url: string, ...statements: string[]): Promise<void> {
  const client = await connected(url);
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function connected(url = server.url): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** A session that holds something until it ends. */
async function holder(statement: string, name = 'nightly backup'): Promise<pg.Client> {
  const client = await connected();
  clients.push(client);
  await client.query(`set application_name = '${name}'; begin; ${statement}`);
  return client;
}

/** An attempt of a run, with its messages. */
function startOfRun(schema: string, change: Partial<PostgresOptions> = {}) {
  const notices: string[] = [];
  let reported = (_: string): void => {};
  const notice = new Promise<string>((resolve) => {
    reported = resolve;
  });
  const opening = PostgresDestination.open({
    url: server.url,
    name: 'postgres://test',
    schema,
    sdkAppId: app,
    migrate: true,
    history: false,
    keepRuns: 90,
    maxOutageMs: 600_000,
    stop: new AbortController().signal,
    events: {
      onOutage: () => {},
      onNotice: (text) => {
        notices.push(text);
        reported(text);
      },
    },
    ...change,
  });
  opening.catch(() => {});
  return { opening, notice };
}

async function migrated(): Promise<string> {
  schemas += 1;
  const schema = `held${schemas}`;
  await databaseMigrations({ url: server.url, name: 'postgres://test', schema }, 'up');
  return schema;
}

const OURS = "application_name like 'chat-export %' and application_name not like 'chat-export watch%'";

/** Resolves once one of our sessions is seen in a state. */
async function untilOursAre(condition: string, count: 'some' | 'none' = 'some'): Promise<void> {
  const client = await connected();
  for (;;) {
    const { rowCount } = await client.query(`select from pg_stat_activity where ${OURS} and ${condition}`);
    if ((rowCount ?? 0) > 0 === (count === 'some')) break;
    await sleep(5);
  }
  await client.end();
}

const WAITS = "wait_event_type = 'Lock'";

describe('locks of others at the start of a run', () => {
  test('are reported after ten seconds, with their holder, and awaited', async () => {
    const schema = await migrated();
    const other = await holder(`lock table ${schema}.conversations in access exclusive mode`);
    const { opening, notice } = startOfRun(schema);
    expect(await notice).toMatch(
      /^postgres:\/\/test: the run waits up to 10 min \(--max-outage\) for a lock of nightly backup \(process \d+ of role postgres, idle in transaction since 20\d\d-\S+Z\)$/,
    );
    await other.query('rollback');
    await (await opening).close();
  });

  test.each([
    ['a table of rows', (schema: string) => `lock table ${schema}.memberships in access exclusive mode`],
    [
      'the table of migrations',
      (schema: string) => `lock table ${schema}.schema_migrations in access exclusive mode`,
    ],
  ])(
    'end the attempt when --max-outage is over, with their holder: %s',
    async (_, statement) => {
      const schema = await migrated();
      const other = await holder(statement(schema));
      const { opening } = startOfRun(schema, { maxOutageMs: 1_000 });
      await expect(opening).rejects.toThrow(
        /^postgres:\/\/test: the run waited over 1 s \(--max-outage\) for a lock of nightly backup \(process \d+ of role postgres, idle in transaction since \S+\); end the session or transaction that holds it$/,
      );
      await expect(opening).rejects.toBeInstanceOf(DestinationTimeout);
      await untilOursAre('true', 'none');
      await other.query('rollback');
    },
    60_000,
  );

  test('are reported with all holders, and with those whom the holders wait for', async () => {
    const schema = await migrated();
    const root = await holder(`lock table ${schema}.runs in access exclusive mode`, 'vacuum full');
    const between = await holder(`set local lock_timeout = 0`, 'upgrade');
    await between.query(`create table ${schema}.more ()`);
    const waiting = between.query(`lock table ${schema}.runs in access exclusive mode`);
    const { opening } = startOfRun(schema, { maxOutageMs: 1_000 });
    // Opening reads nothing of runs: the first question waits.
    const destination = await opening;
    const asked = destination.lastRun('default');
    await expect(asked).rejects.toThrow(
      /for a lock of vacuum full \(process \d+ .*\), upgrade \(process \d+ .*\), which waits for vacuum full/,
    );
    await destination.close();
    await root.query('rollback');
    await waiting;
    await between.query('rollback');
  });

  test('a prepared transaction, which has no process, is named by its identifier', async () => {
    const schema = await migrated();
    const other = await holder(`lock table ${schema}.conversations in access exclusive mode`);
    await other.query("prepare transaction 'forgotten one'");
    const { opening } = startOfRun(schema, { maxOutageMs: 1_000 });
    await expect(opening).rejects.toThrow(
      /for a lock of the prepared transaction 'forgotten one' of role postgres, prepared 20\d\d-\S+Z \(commit prepared or rollback prepared ends it\)/,
    );
    await other.query("rollback prepared 'forgotten one'");
  });

  test.each([
    ['the schema is brought up to date', 'schema_migrations'],
    ['the connections of the run are made ready', 'conversations'],
  ])(
    'a stop ends the waiting at once, at the server too, while %s',
    async (_, table) => {
      const schema = await migrated();
      const other = await holder(`lock table ${schema}.${table} in access exclusive mode`);
      const stop = new AbortController();
      const { opening } = startOfRun(schema, { stop: stop.signal });
      await untilOursAre(WAITS);
      stop.abort('SIGTERM');
      await expect(opening).rejects.toBeInstanceOf(AbortedByStop);
      await untilOursAre('true', 'none');
      await other.query('rollback');
    },
    60_000,
  );
});

describe('a synchronous standby that is not there', () => {
  test('ends the first attempt of a run when --max-outage is over, and is named', async () => {
    await onServer(
      server.url,
      "alter system set synchronous_standby_names = 'ghost'",
      'select pg_reload_conf()',
    );
    try {
      const { opening } = startOfRun('unconfirmed', { maxOutageMs: 1_000 });
      await expect(opening).rejects.toThrow(
        /^postgres:\/\/test: no synchronous standby confirmed a commit within 1 s \(--max-outage\) \(synchronous_standby_names = 'ghost'\); bring a standby back, or change that setting$/,
      );
      await untilOursAre('true', 'none');
    } finally {
      await onServer(server.url, 'alter system reset synchronous_standby_names', 'select pg_reload_conf()');
    }
    await (await startOfRun('unconfirmed').opening).close();
  });
});

test('a command that only reads reports the holder of the locks that it needs, and gives up', async () => {
  const schema = await migrated();
  const other = await holder(`lock table ${schema}.schema_migrations in access exclusive mode`);
  const looking = databaseMigrations(
    {
      url: server.url,
      name: 'postgres://test',
      schema,
      waiting: {
        subject: 'this command',
        patienceMs: 1_000,
        option: null,
        stop: new AbortController().signal,
        onNotice: () => {},
      },
    },
    'status',
  );
  await expect(looking).rejects.toThrow(
    /^postgres:\/\/test: this command waited over 1 s for a lock of nightly backup \(process \d+/,
  );
  await other.query('rollback');
});
