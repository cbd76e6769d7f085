import type pg from 'pg';
import { DestinationLocked } from '../../contract/destination-error.ts';
import { applicationName } from './dial.ts';
import { LockSessionGone } from './server-errors.ts';

// One lock number for each app and each run in each schema, spread over 64 bits. The prefix avoids the lock numbers of other
// programs.
const keyOf = (name: string): string => `hashtextextended('chat-export:' || $1 || ':' || ${name}, 0)`;
const KEY = keyOf('$2');
// The key of an app's lock is a number.
const WRITES_KEY = keyOf("'writes of ' || $2");

/** An app's lock, held by one connection. Keys are 64-bit numbers, as text. */
export type AppLock = {
  /** The server process that holds it. */
  readonly pid: number;
  readonly key: string;
  /** The key that every writing transaction of the app holds, shared, until it ends. */
  readonly writesKey: string;
};

/** Who holds an app's lock in a schema. */
export type LockHolder = {
  /** A description of each process. */
  readonly text: string;
  /** The name of the connection of the first, and its server process. */
  readonly connection: string;
  readonly pid: number;
  /** Whether other processes may hold it, too, if they share it. */
  readonly isShared: boolean;
  readonly processes: number;
};

/**
 * Takes the lock of an app in a schema until the connection ends.
 * @param shared whether other processes may hold it, too, if they share it
 * @throws {DestinationLocked}
 */
export async function takeLock(
  client: pg.ClientBase,
  schema: string,
  sdkAppId: number,
  shared = false,
): Promise<AppLock> {
  const tried = await tryLock(client, schema, sdkAppId, shared);
  if (tried.isTaken) return tried;
  const holder = await lockHolder(client, schema, sdkAppId);
  throw new DestinationLocked(
    heldBy(holder, schema, sdkAppId) + (shared && isUnsharedRun(holder) ? NOT_SHARED : ''),
    // The holder is not visible: it has just released the lock.
    { mayBeOurs: holder === null || holder.connection === applicationName('run') },
  );
}

/** Takes the lock if it is free. `isTaken`: whether this connection has it now; it may have had it before. */
export async function tryLock(
  client: pg.ClientBase,
  schema: string,
  sdkAppId: number,
  shared = false,
): Promise<AppLock & { readonly isTaken: boolean }> {
  const { rows } = await client.query(
    `select ${shared ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock'}(k.key) as taken, pg_backend_pid() as pid, k.key::text, k.writes_key::text
     from (select ${KEY} as key, ${WRITES_KEY} as writes_key) k`,
    [schema, String(sdkAppId)],
  );
  const [row] = rows;
  return { isTaken: row?.taken === true, pid: Number(row?.pid), key: row?.key, writesKey: row?.writes_key };
}

/**
 * Waits in the server's queue for an app's lock, for some time at most. Afterwards `tryLock` shows whether this connection has it.
 *
 * A statement that waits keeps its snapshot, and with it every row version that was deleted since: `ms` should be short enough
 * for vacuum. The time-out is caught at the server, whose log would have an error otherwise.
 */
export async function waitInQueue(client: pg.ClientBase, { key }: AppLock, ms: number): Promise<void> {
  await client.query(
    `do $$ begin
       perform set_config('lock_timeout', '${Math.max(1, Math.ceil(ms))}', true);
       perform pg_advisory_lock(${key});
     exception when lock_not_available then null;
     end $$`,
  );
}

const NOT_SHARED = '; it was started without --share, so no other process can join it';

const isUnsharedRun = (holder: LockHolder | null): boolean =>
  holder !== null && !holder.isShared && holder.connection.startsWith('chat-export run');

/** Why an attempt is refused. @param holder null when it was not found */
export const heldBy = (holder: LockHolder | null, schema: string, sdkAppId: number): string =>
  `another run of app ${sdkAppId} is at work in schema ${schema}: ${holder?.text ?? 'an unknown session'}`;

/**
 * Waits for every transaction that started under the lock of an earlier holder. A later transaction of that holder finds that its
 * lock is lost.
 */
export async function waitForEarlierWrites(client: pg.ClientBase, { writesKey }: AppLock): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(${writesKey})`);
}

/**
 * Begins a transaction over a connection other than the one with the lock. The next holder waits for its end.
 * @throws {LockSessionGone} when the holder's session has ended; the transaction is open, and the caller rolls it back
 */
export async function beginUnderLock(client: pg.ClientBase, { pid, key, writesKey }: AppLock): Promise<void> {
  // First take the shared lock, then check: a holder that comes after the check has to wait.
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
 * Also takes the lock of a run, over the connection with the app's lock. This lock excludes no process. It shows readers which
 * run of the app is at work.
 */
export async function markRun(
  client: pg.ClientBase,
  schema: string,
  runId: number,
  shared = false,
): Promise<void> {
  const lock = shared ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock';
  await client.query(`select ${lock}(${KEY})`, [schema, nameOfRun(runId)]);
}

/** The holder of an app's lock in a schema, or null. Does not take the lock. */
export const lockHolder = (
  client: pg.ClientBase,
  schema: string,
  sdkAppId: number,
): Promise<LockHolder | null> => holderOf(client, schema, String(sdkAppId));

/** The process at work on a run in a schema, or null. */
export const runHolder = (client: pg.ClientBase, schema: string, runId: number): Promise<LockHolder | null> =>
  holderOf(client, schema, nameOfRun(runId));

// The key of an app's lock is a number.
const nameOfRun = (runId: number): string => `run ${runId}`;

async function holderOf(client: pg.ClientBase, schema: string, name: string): Promise<LockHolder | null> {
  const { rows } = await client.query(
    `select l.pid, l.mode, a.application_name, a.client_addr::text as address, to_char(a.backend_start at time zone 'UTC',
            'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
     from pg_locks l left join pg_stat_activity a using (pid), (select ${KEY} as key) k
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.classid::bigint = ((k.key >> 32) & 4294967295) and l.objid::bigint = (k.key & 4294967295)
       and l.database = (select oid from pg_database where datname = current_database())
     order by a.backend_start, l.pid`,
    [schema, name],
  );
  const holders = rows.map(describe);
  const [first] = holders;
  if (first === undefined) return null;
  const each = holders.map(({ text }) => text).join('; ');
  return {
    text: holders.length === 1 ? each : `${holders.length} processes: ${each}`,
    connection: first.connection,
    pid: first.pid,
    isShared: rows.every(({ mode }) => mode === 'ShareLock'),
    processes: holders.length,
  };
}

type OneHolder = Pick<LockHolder, 'text' | 'connection' | 'pid'>;

function describe({ pid, application_name: connection, address, since }: Record<string, unknown>): OneHolder {
  const from = typeof address === 'string' ? ` from ${address}` : '';
  const when = typeof since === 'string' ? `, since ${since}` : '';
  // The session of another role may be hidden from this one.
  const session = typeof connection === 'string' && connection !== '' ? connection : 'an unknown session';
  return { text: `${session}${from}${when}`, connection: session, pid: Number(pid) };
}
