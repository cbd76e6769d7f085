import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { DestinationUnusable } from '../destination-error.ts';

// More than one, for a pool that others use at the same time.
const ROUNDS = 8;
const PATIENCE_MS = 5_000;

/**
 * Makes sure that a connection has a server process of its own. Straight to PostgreSQL, the process that it announced
 * is the one that answers, which is all that is asked. A pooler announces numbers of its own: then a second connection
 * is opened, and both are asked in turn, outside of transactions, so that a pool of one has an answer for both. In
 * session mode each keeps its process, and the two differ.
 * @param client over which nothing was set: settings would stay behind in the pool
 * @throws {DestinationUnusable} when sessions are shared, or there is none for a second connection
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
      throw new DestinationUnusable(
        `${name}: a pooler on the way shares sessions (pool_mode transaction or statement), but a run keeps its lock and ` +
          'temporary tables in sessions of its own; connect to PostgreSQL itself, or to a pool with pool_mode = session',
      );
    }
  } finally {
    await other.end().catch(() => {});
  }
}

async function serverProcess(client: pg.Client): Promise<number> {
  const { rows } = await client.query('select pg_catalog.pg_backend_pid() as pid');
  return Number(rows[0]?.pid);
}

/** The process of BackendKeyData; the driver has it, its types do not. */
const announcedBy = (client: pg.Client): unknown => (client as { readonly processID?: unknown }).processID;

/** A pool that has no second server for us would answer only when it takes the first one back. */
async function inTime<T>(answer: Promise<T>, name: string): Promise<T> {
  const given = new AbortController();
  answer.catch(() => {});
  const late = sleep(PATIENCE_MS, undefined, { signal: given.signal }).then(() => {
    throw new DestinationUnusable(
      `${name}: a pooler on the way had no second session within ${PATIENCE_MS / 1000} s, but a run needs two at a time; ` +
        'let its pool be larger, or connect to PostgreSQL itself',
    );
  });
  late.catch(() => {});
  try {
    return await Promise.race([answer, late]);
  } finally {
    given.abort();
  }
}
