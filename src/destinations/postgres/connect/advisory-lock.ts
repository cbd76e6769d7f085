import type pg from 'pg';
import { DestinationLocked } from '../../contract/destination-error.ts';
import { applicationName } from './dial.ts';
import { LockSessionGone } from './server-errors.ts';

// One number for each app and each run in each schema, spread over 64 bits; the prefix keeps clear of other programs' locks.
const keyOf = (name: string): string => `hashtextextended('chat-export:' || $1 || ':' || ${name}, 0)`;
const KEY = keyOf('$2');
// An app's is a number.
const WRITES_KEY = keyOf("'writes of ' || $2");

/** An app's lock as one connection holds it. Keys are numbers of 64 bits, as text. */
export type AppLock = {
  /** The server's process that holds it. */
  readonly pid: number;
  readonly key: string;
  /** What every writing transaction of the app holds, shared, until it ends. */
  readonly writesKey: string;
};

/** Who holds the lock of an app in a schema: in words, and by its connection's name. */
export type LockHolder = { readonly text: string; readonly connection: string };

/** Takes the lock of an app in a schema for as long as the connection lives. @throws {DestinationLocked} */
export async function takeLock(client: pg.ClientBase, schema: string, sdkAppId: number): Promise<AppLock> {
  const { rows } = await client.query(
    `select pg_try_advisory_lock(k.key) as taken, pg_backend_pid() as pid, k.key::text, k.writes_key::text
     from (select ${KEY} as key, ${WRITES_KEY} as writes_key) k`,
    [schema, String(sdkAppId)],
  );
  const [row] = rows;
  if (row?.taken === true) return { pid: Number(row.pid), key: row.key, writesKey: row.writes_key };
  const holder = await lockHolder(client, schema, sdkAppId);
  throw new DestinationLocked(
    `another run of app ${sdkAppId} is at work in schema ${schema}: ${holder?.text ?? 'an unknown session'}`,
    // A holder that nobody can see has just let go.
    { mayBeOurs: holder === null || holder.connection === applicationName('run') },
  );
}

/**
 * Waits until no transaction is left that began under the lock of an earlier holder. A later one finds that its holder has
 * lost the lock.
 */
export async function waitForEarlierWrites(client: pg.ClientBase, { writesKey }: AppLock): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(${writesKey})`);
}

/**
 * Begins a transaction over another connection than the one that holds the lock. The next holder waits for its end.
 * @throws {LockSessionGone} when the holder's session has ended; the transaction is open, and to be rolled back
 */
export async function beginUnderLock(client: pg.ClientBase, { pid, key, writesKey }: AppLock): Promise<void> {
  // Shared first, then the question: a holder that comes after the answer has to wait.
  const results = (await client.query(
    `begin; select pg_advisory_xact_lock_shared(${writesKey});
     select from pg_locks where locktype = 'advisory' and objsubid = 1 and granted and pid = ${pid}
       and (classid::bigint << 32) | objid::bigint = ${key}
       and database = (select oid from pg_database where datname = current_database())`,
  )) as unknown as readonly pg.QueryResult[];
  if (results.at(-1)?.rowCount !== 1)
    throw new LockSessionGone('the session that held the lock of this run has ended at the server');
}

/**
 * Takes the lock of a run too, over the connection that holds its app's. It keeps nobody out: it tells those who look on
 * which run of the app somebody is at work.
 */
export async function markRun(client: pg.ClientBase, schema: string, runId: number): Promise<void> {
  await client.query(`select pg_try_advisory_lock(${KEY})`, [schema, nameOfRun(runId)]);
}

/** Who holds the lock of an app in a schema now, without taking it; null when nobody does. */
export const lockHolder = (
  client: pg.ClientBase,
  schema: string,
  sdkAppId: number,
): Promise<LockHolder | null> => holderOf(client, schema, String(sdkAppId));

/** Who is at work on a run in a schema now; null when nobody is. */
export const runHolder = (client: pg.ClientBase, schema: string, runId: number): Promise<LockHolder | null> =>
  holderOf(client, schema, nameOfRun(runId));

// An app's is a number.
const nameOfRun = (runId: number): string => `run ${runId}`;

async function holderOf(client: pg.ClientBase, schema: string, name: string): Promise<LockHolder | null> {
  const { rows } = await client.query(
    `select a.application_name, a.client_addr::text as address, to_char(a.backend_start at time zone 'UTC',
            'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
     from pg_locks l left join pg_stat_activity a using (pid), (select ${KEY} as key) k
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.classid::bigint = ((k.key >> 32) & 4294967295) and l.objid::bigint = (k.key & 4294967295)
       and l.database = (select oid from pg_database where datname = current_database())`,
    [schema, name],
  );
  const [holder] = rows;
  if (holder === undefined) return null;
  const { application_name: connection, address, since } = holder;
  const from = typeof address === 'string' ? ` from ${address}` : '';
  const when = typeof since === 'string' ? `, since ${since}` : '';
  // Another role's session may be hidden from this one.
  const session = typeof connection === 'string' && connection !== '' ? connection : 'an unknown session';
  return { text: `${session}${from}${when}`, connection: session };
}
