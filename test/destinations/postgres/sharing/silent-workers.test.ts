import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateUp } from '../../../../src/destinations/postgres/schema/migrations.ts';
import { schemaTables } from '../../../../src/destinations/postgres/schema/schema-tables.ts';
import {
  endSilentCommits,
  showCommitter,
} from '../../../../src/destinations/postgres/sharing/silent-workers.ts';
import { createDatabase, type TestDatabase } from '../../../support/database.ts';

const tables = schemaTables('chat_export');
let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createDatabase();
  client = await connected();
  await migrateUp(client, 'chat_export');
  await client.query(
    `insert into ${tables.runs} (job, sdk_app_id, endpoint, row_format, status, attempts, lines, users, duplicates, list_digest, chunk_size)
     values ('nightly', 1, 'http://127.0.0.1', 1, 'running', 2, 0, 0, 0, '', 1)`,
  );
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function connected(): Promise<pg.Client> {
  const one = new pg.Client({ connectionString: database.url });
  one.on('error', () => {});
  await one.connect();
  return one;
}

const others = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };

/** A worker that was last seen so many seconds ago, in the middle of a COPY that it does not end. */
async function copying(
  worker: number,
  seenAgo: number,
): Promise<{ readonly pid: number; readonly end: () => Promise<void> }> {
  await client.query(
    `insert into ${tables.runAttempts} (run_id, attempt, worker, last_seen_at)
     values (1, 2, $1, clock_timestamp() - $2 * interval '1 s')`,
    [worker, seenAgo],
  );
  const one = await connected();
  await one.query('set idle_in_transaction_session_timeout = 1000; set statement_timeout = 1000; begin');
  await showCommitter(one, tables, { runId: 1, number: 2, countedAt: '', worker });
  const { rows } = await one
    .query('create temporary table stage (a text); select pg_backend_pid() as pid')
    .then((results) => (results as unknown as pg.QueryResult[])[1] ?? { rows: [] });
  const stream = one.query(copyFrom('copy stage from stdin'));
  stream.on('error', () => {});
  stream.write('unfinished');
  return { pid: Number(rows[0]?.pid), end: () => one.end() };
}

const lives = async (pid: number): Promise<boolean> =>
  (await client.query('select from pg_stat_activity where pid = $1', [pid])).rowCount === 1;

test('the commit of a worker that is silent is ended, even in a COPY, and those of others are left alone', async () => {
  const silent = await copying(1, 11);
  const alive = await copying(2, 1);
  const mine = await copying(3, 11);
  await endSilentCommits(others, tables, 1, 3);
  await expect.poll(() => lives(silent.pid)).toBe(false);
  expect(await lives(alive.pid)).toBe(true);
  expect(await lives(mine.pid)).toBe(true);
  // A process that comes has no number yet.
  await endSilentCommits(others, tables, 1);
  await expect.poll(() => lives(mine.pid)).toBe(false);
  for (const { end } of [silent, alive, mine]) await end();
});
