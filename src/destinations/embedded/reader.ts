import { connect } from '../postgres/connect/connection.ts';
import { asPostgresError } from '../postgres/connect/server-errors.ts';
import { connectionString, type Postmaster } from './postmaster.ts';

/** A role that reads every table, and nothing else. It is a member of no role, so it can become no other role. */
const READER = 'chat_export_reader';

/**
 * The connection string of a server's read-only role, which is created if it is missing. The server's own role can do anything
 * that its account can, even in a read-only transaction.
 * @throws {DestinationError}
 */
export async function readerConnectionString(postmaster: Postmaster, dir: string): Promise<string> {
  const name = `embedded:${dir}`;
  try {
    const url = connectionString(postmaster);
    const client = await connect({ url, name, purpose: 'embedded server' });
    try {
      // Several processes may create it at once.
      await client.query(
        `begin;
         select pg_advisory_xact_lock(hashtextextended('chat-export:${READER}', 0));
         do $$ begin
           if not exists (select from pg_roles where rolname = '${READER}') then
             create role ${READER} login in role pg_read_all_data;
           end if;
         end $$;
         commit`,
      );
    } finally {
      await client.end().catch(() => {});
    }
  } catch (error) {
    throw asPostgresError(error, name);
  }
  return connectionString(postmaster, READER);
}
