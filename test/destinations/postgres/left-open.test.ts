import { expect, test } from 'vitest';
import { DestinationError } from '../../../src/destinations/contract/destination-error.ts';
import { connect } from '../../../src/destinations/postgres/connect/connection.ts';
import { ReadOnlySession } from '../../../src/destinations/postgres/read/read-only-session.ts';
import { PostgresGround } from './ground.ts';

const ground = new PostgresGround();

/** The connections of this program to the database, by their purposes. */
const connections = async (): Promise<unknown[]> =>
  (
    await ground.query(
      `select substring(application_name from 'chat-export ([^,]*),') as purpose from pg_stat_activity
       where datname = current_database() and application_name like 'chat-export %'`,
    )
  ).map((row) => row.purpose);

test('a connection that cannot be made ready does not stay open', async () => {
  const options = { url: ground.url, name: 'postgres://test' };
  const unready = connect({ ...options, purpose: 'reader' }, (client) => client.query('set no_such = 1'));
  await expect(unready).rejects.toThrow(/unrecognized configuration parameter "no_such"/);
  // A name that no text of PostgreSQL can be.
  const unnameable = { ...options, purpose: 'query', schema: 'a\0b', stop: new AbortController().signal };
  await expect(ReadOnlySession.open(unnameable)).rejects.toThrow(DestinationError);
  await expect.poll(connections).toEqual([]);
});

test('a run whose second connection cannot be prepared releases its lock, and can be resumed', async () => {
  const schema = ground.schema();
  const destination = await ground.open(schema);
  await ground.query(`alter table ${schema}.memberships rename to elsewhere`);
  await ground.terminate('writer');
  await expect(destination.lastRun('nightly')).rejects.toThrow(/"\w+\.memberships" does not exist/);
  await expect.poll(connections).toEqual([]);
  await ground.query(`alter table ${schema}.elsewhere rename to memberships`);
  expect(await destination.lastRun('nightly')).toBeNull();
  await destination.close();
});
