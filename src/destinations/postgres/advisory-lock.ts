import type pg from 'pg';
import { DestinationLocked } from '../destination-error.ts';
import { applicationName } from './connection.ts';

// One number for each app in each schema, spread over 64 bits; the prefix keeps clear of other programs' locks.
const KEY = "hashtextextended('chat-export:' || $1 || ':' || $2, 0)";

/** Takes the lock of an app in a schema for as long as the connection lives. @throws {DestinationLocked} */
export async function takeLock(client: pg.ClientBase, schema: string, sdkAppId: number): Promise<void> {
  const args = [schema, String(sdkAppId)];
  const { rows } = await client.query(`select pg_try_advisory_lock(${KEY}) as taken`, args);
  if (rows[0]?.taken === true) return;
  const holder = await client.query(
    `select a.application_name, a.client_addr::text as address, to_char(a.backend_start at time zone 'UTC',
            'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
     from pg_locks l join pg_stat_activity a using (pid), (select ${KEY} as key) k
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.classid::bigint = ((k.key >> 32) & 4294967295) and l.objid::bigint = (k.key & 4294967295)
       and l.database = (select oid from pg_database where datname = current_database())`,
    args,
  );
  const { application_name: name = 'an unknown session', address, since } = holder.rows[0] ?? {};
  const from = typeof address === 'string' ? ` from ${address}` : '';
  const when = typeof since === 'string' ? `, since ${since}` : '';
  throw new DestinationLocked(
    `another run of app ${sdkAppId} is at work in schema ${schema}: ${String(name)}${from}${when}`,
    // A holder that nobody can see has just let go.
    { mayBeOurs: holder.rows.length === 0 || name === applicationName('run') },
  );
}
