import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { withTimeout } from '../../../resilience/timeout.ts';
import { InvalidDestination } from '../../contract/destination-error.ts';

// More than one, because other clients use the pool at the same time.
const ROUNDS = 8;
const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 20;

/**
 * Makes sure that a connection keeps one server process.
 *
 * PostgreSQL itself answers with the process that it announced, and no more is asked. A pooler announces numbers of its own. Then
 * a second connection is opened, and both are asked in turn, outside of transactions, so that a pool of one can answer both. In
 * session mode each connection keeps its process, and the two differ. Then a lock of the second connection must be released after
 * it has left.
 * @param client a connection without settings, which would stay in the pool
 * @throws {InvalidDestination} when sessions are shared, or no second connection is available
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
      // A pool that reuses the last session gives one connection the session of the other. A pool that goes round gives another
      // session at the second question. Strict alternation would always meet the same two.
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
 * Makes sure that a pooler releases the locks of a session when its client leaves. Otherwise the lock of a run would block every
 * later run.
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
    // Its remains end with the session, and the pool opens another. A session that another client has used since then
    // stays: no run uses this lock's number.
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

/** The server process of a connection at this moment. */
export async function serverProcess(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query('select pg_catalog.pg_backend_pid() as pid');
  return Number(rows[0]?.pid);
}

/** The process of BackendKeyData. The driver has it, its types do not. */
export const announcedBy = (client: pg.ClientBase): unknown =>
  (client as { readonly processID?: unknown }).processID;

/** A pool without a second server answers only when the first connection is closed. */
const inTime = <T>(answer: Promise<T>, name: string): Promise<T> =>
  withTimeout(answer, {
    ms: PATIENCE_MS,
    onTimeout: () => {
      throw new InvalidDestination(
        `${name}: a connection pooler had no second session within ${PATIENCE_MS / 1000} s, but a run needs two at a time; ` +
          'enlarge its pool, or connect to PostgreSQL itself',
      );
    },
  });
