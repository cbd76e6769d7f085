import { connect } from '../postgres/connect/connection.ts';
import { asPostgresError } from '../postgres/connect/server-errors.ts';
import { connectionString, type Postmaster } from './postmaster.ts';

/** Reads every table, and may do nothing else; it is nobody's member, so it can become nobody else. */
const READER = 'chat_export_reader';

/**
 * The connection string of a server's role that only reads, which is made when it is missing. The server's own role may
 * do anything that its account can, within a transaction that cannot write too.
 * @throws {DestinationError}
 */
export async function readerConnectionString(postmaster: Postmaster, dir: string): Promise<string> {
  const name = `embedded:${dir}`;
  try {
    const url = connectionString(postmaster);
    const client = await connect({ url, name, purpose: 'embedded server' });
    try {
      // Several may miss it at once.
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
