import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import {
  DestinationError,
  InvalidDestination,
} from '../../../src/destinations/contract/destination-error.ts';
import { startEmbeddedServer } from '../../../src/destinations/embedded/server.ts';
import { databaseMigrations } from '../../../src/destinations/postgres/schema/database-migrations.ts';
import { createDatabase } from '../../support/database.ts';
import { makeDirectory, removeDirectory } from '../../support/make-directory.ts';
import { describeServers } from '../../support/servers.ts';
import { newRun } from '../samples.ts';
import { PostgresGround } from './ground.ts';

const ground = new PostgresGround();
const PASSWORD = 'sesam-open-7391';

/** A server that asks for passwords, and the URL of an account with one. */
let guarded: URL;
beforeAll(async () => {
  const parent = await makeDirectory();
  const dir = join(parent, 'guarded');
  const server = await startEmbeddedServer({ dir, durable: false });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`create role guarded login superuser password '${PASSWORD}'`);
  const hba = join(dir, 'pg_hba.conf');
  await writeFile(hba, `local all guarded scram-sha-256\n${await readFile(hba, 'utf8')}`);
  await client.query('select pg_reload_conf()');
  await client.end();
  guarded = new URL(server.url);
  guarded.searchParams.set('user', 'guarded');
  guarded.searchParams.set('password', PASSWORD);
  // The server takes its new rules up in its own time.
  const wrong = changed((url) => url.searchParams.set('password', 'x'));
  while (await opens(wrong));
  return async () => {
    await server.stop();
    await removeDirectory(parent);
  };
});

const changed = (change: (url: URL) => void): string => {
  const url = new URL(guarded);
  change(url);
  return url.href;
};

async function opens(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  const opened = await client.connect().then(
    () => true,
    () => false,
  );
  await client.end();
  return opened;
}

test('the right password is taken', async () => {
  const destination = await ground.open('guarded', { url: guarded.href });
  await destination.close();
});

test.each([
  [
    'a wrong password',
    () => changed((url) => url.searchParams.set('password', `wrong-${PASSWORD}`)),
    /password authentication failed for user "guarded" \(28P01\)/,
  ],
  ['a missing password', () => changed((url) => url.searchParams.delete('password')), /password/],
  [
    'an unknown account',
    () => changed((url) => url.searchParams.set('user', 'nobody-here')),
    /role "nobody-here" does not exist|authentication failed/,
  ],
  [
    'an unknown database',
    () => changed((url) => Object.assign(url, { pathname: '/nowhere' })),
    /database "nowhere" does not exist \(3D000\)/,
  ],
  ['a socket that is not there', () => changed((url) => url.searchParams.set('host', '/nowhere')), /ENOENT/],
  ['a port on which nothing listens', () => `postgres://u:${PASSWORD}@127.0.0.1:1/db`, /ECONNREFUSED/],
  ['an unknown host', () => `postgres://u:${PASSWORD}@host.invalid/db`, /ENOTFOUND|EAI_AGAIN/],
])('%s is reported in one clear line without the password', async (_, url, said) => {
  const attempts = [
    () => ground.open('s', { url: url() }),
    () => databaseMigrations({ url: url(), name: 'postgres://test', schema: 's' }, 'up'),
  ];
  for (const attempt of attempts) {
    const error = await attempt().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DestinationError);
    expect(String(error)).toMatch(/^DestinationError: postgres:\/\/test: [^\n]+$/);
    expect(String(error)).toMatch(said);
    expect(shown(error)).not.toContain(PASSWORD);
  }
});

/** All that a log might make of an error, causes included. */
function shown(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack} ${JSON.stringify({ ...error })} ${shown(error.cause)}`;
}

describeServers('a database of another encoding', (server) => {
  test.each(['LATIN1', 'SQL_ASCII'])('%s is refused before anything is written', async (encoding) => {
    const as = `encoding '${encoding}' lc_collate 'C' lc_ctype 'C' locale_provider 'libc' template template0`;
    const { url, drop } = await createDatabase({ server, as });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      for (const migrate of [true, false]) {
        const error = await ground.open('s', { url, migrate }).catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(InvalidDestination);
        expect(String(error)).toContain(`has encoding ${encoding}; a database with encoding UTF8 is needed`);
      }
      expect((await client.query("select to_regnamespace('s') as oid")).rows).toEqual([{ oid: null }]);
    } finally {
      await client.end();
      await drop();
    }
  });
});

test("what a database sets for its people does not stand in a run's way", async () => {
  const name = new URL(ground.url).pathname.slice(1);
  const settings = [
    "datestyle = 'German'",
    "statement_timeout = '100ms'",
    "idle_session_timeout = '300ms'",
    "default_transaction_isolation = 'serializable'",
  ];
  for (const setting of settings) await ground.query(`alter database ${name} set ${setting}`);
  try {
    const destination = await ground.open('settled');
    const slowly = {
      *[Symbol.iterator]() {
        yield ['u1'];
        // A list of millions takes its time.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
        yield ['u2'];
      },
    };
    const before = Date.now();
    const begun = await destination.begin(newRun(2, 1), slowly);
    expect(Date.parse(begun.record.startedAt)).toBeGreaterThanOrEqual(before - 1_000);
    expect(Date.parse(begun.record.startedAt)).toBeLessThanOrEqual(Date.now());
    const silent = await ground.connect();
    await new Promise((resolve) => silent.once('end', resolve));
    const sessions = await ground.query(
      `select from pg_stat_activity where datname = current_database() and application_name like 'chat-export%'`,
    );
    expect(sessions).toHaveLength(2);
    expect(await destination.lastRun('nightly')).toEqual(begun.record);
    await destination.close();
  } finally {
    await ground.query(`alter database ${name} reset all`);
  }
});
