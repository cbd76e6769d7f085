import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { InvalidDestination } from '../../contract/destination-error.ts';

// More than one, for a pool that others use at the same time.
const ROUNDS = 8;
const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 20;

/**
 * Makes sure that a connection has a server process of its own. Straight to PostgreSQL, the process that it announced
 * is the one that answers, which is all that is asked. A pooler announces numbers of its own: then a second connection
 * is opened, and both are asked in turn, outside of transactions, so that a pool of one has an answer for both. In
 * session mode each keeps its process, and the two differ. There, what the second one held has to be gone when it has left.
 * @param client over which nothing was set: settings would stay behind in the pool
 * @throws {InvalidDestination} when sessions are shared, or there is none for a second connection
 */
export async function refuseSharedSessions(
  client: pg.Client,
  openAnother: () => Promise<pg.Client>,
  name: string,
): Promise<void> {
  const first = await serverProcess(client);
  if (first === announcedBy(client)) return;
  const other = await openAnother();
  try {
    const [mine, others] = [new Set([first]), new Set<number>()];
    for (let round = 0; round < ROUNDS; round += 1) {
      // A pool that hands out what came back last gives the other one what we just had; one that goes round gives us
      // another one the second time. Turn by turn alone, a round of two would always meet the same.
      others.add(await inTime(serverProcess(other), name));
      mine.add(await inTime(serverProcess(client), name));
      mine.add(await inTime(serverProcess(client), name));
      if (mine.size === 1 && others.size === 1 && !others.has(first)) continue;
      throw new InvalidDestination(
        `${name}: a connection pooler shares sessions (pool_mode transaction or statement), but a run keeps its lock and ` +
          'temporary tables in sessions of its own; connect to PostgreSQL itself, or to a pool with pool_mode = session',
      );
    }
    await refuseKeptSessions(client, other, name);
  } finally {
    await other.end().catch(() => {});
  }
}

/**
 * Makes sure that a pooler frees what a session held when its client leaves: the lock of a run would keep every later run out.
 * @param leaving is closed
 */
async function refuseKeptSessions(client: pg.Client, leaving: pg.Client, name: string): Promise<void> {
  const pid = await serverProcess(leaving);
  const key = String(randomBytes(8).readBigInt64BE());
  const lock = `select pg_catalog.pg_advisory_lock('${key}'::bigint)`;
  await leaving.query(lock);
  await leaving.end();
  const until = performance.now() + PATIENCE_MS;
  while (await isLocked(client, key)) {
    if (performance.now() < until) {
      await sleep(LOOK_EVERY_MS);
      continue;
    }
    // What we left there goes with the session, and the pool makes itself another. A session that somebody else has used
    // since then stays: the lock has a number that nobody asks for.
    await client.query(
      `select pg_catalog.pg_terminate_backend(pid, 5000) from pg_catalog.pg_stat_activity
       where pid = $1 and state = 'idle' and query = $2`,
      [pid, lock],
    );
    throw new InvalidDestination(
      `${name}: a connection pooler reuses sessions without resetting them, so a run's lock would outlive the run; ` +
        'configure it to reset them (server_reset_query = DISCARD ALL), or connect to PostgreSQL itself',
    );
  }
}

async function isLocked(client: pg.Client, key: string): Promise<boolean> {
  const { rows } = await client.query(
    `select from pg_catalog.pg_locks where locktype = 'advisory' and objsubid = 1
       and (classid::bigint << 32) | objid::bigint = $1::bigint`,
    [key],
  );
  return rows.length > 0;
}

/** The number of the server's process that works for a connection now. */
export async function serverProcess(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query('select pg_catalog.pg_backend_pid() as pid');
  return Number(rows[0]?.pid);
}

/** The process of BackendKeyData; the driver has it, its types do not. */
export const announcedBy = (client: pg.ClientBase): unknown =>
  (client as { readonly processID?: unknown }).processID;

/** A pool that has no second server for us would answer only when it takes the first one back. */
async function inTime<T>(answer: Promise<T>, name: string): Promise<T> {
  const given = new AbortController();
  answer.catch(() => {});
  const late = sleep(PATIENCE_MS, undefined, { signal: given.signal }).then(() => {
    throw new InvalidDestination(
      `${name}: a connection pooler had no second session within ${PATIENCE_MS / 1000} s, but a run needs two at a time; ` +
        'enlarge its pool, or connect to PostgreSQL itself',
    );
  });
  late.catch(() => {});
  try {
    return await Promise.race([answer, late]);
  } finally {
    given.abort();
  }
}
