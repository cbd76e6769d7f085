import { expect, test } from 'vitest';
import { connect } from '../../../../src/destinations/postgres/connect/connection.ts';
import { connectToRead, readAnew } from '../../../../src/destinations/postgres/connect/read-transaction.ts';
import { describeServers } from '../../../support/servers.ts';
import { PostgresGround } from '../ground.ts';

/**
 * Settings that a database may have for its people, and that would break long statements, waits, or the reading of names and
 * instants.
 */
const OF_THE_DATABASE = {
  lock_timeout: ['1s', '1min'],
  statement_timeout: ['1s', '0'],
  idle_session_timeout: ['1s', '0'],
  idle_in_transaction_session_timeout: ['1s', '0'],
  transaction_timeout: ['1s', '0'],
  search_path: ['public', 'pg_catalog, pg_temp'],
  datestyle: ['SQL, DMY', 'ISO, DMY'],
} as const;

describeServers('the settings of a database', (server) => {
  const ground = new PostgresGround(server);

  test.each(Object.entries(OF_THE_DATABASE))(
    'for %s are not those of a run, nor of its readers',
    async (name, [set, ours]) => {
      const known = await ground.query('select from pg_settings where lower(name) = $1', [name]);
      // PostgreSQL has had it since version 17.
      if (known.length === 0) return expect([server, name]).toEqual(['15', 'transaction_timeout']);
      const database = new URL(ground.url).pathname.slice(1);
      const value = name === 'search_path' ? set : `'${set}'`;
      await ground.query(`alter database ${database} set ${name} = ${value}`);
      const options = { url: ground.url, name: 'postgres://test', purpose: 'test' };
      for (const open of [connect, connectToRead]) {
        const client = await open(options);
        expect((await client.query(`select current_setting('${name}') as value`)).rows).toEqual([
          { value: ours },
        ]);
        await client.end();
      }
      await ground.query(`alter database ${database} reset ${name}`);
    },
  );

  test('wait for locks as long as the command is ready to, in each transaction of a reader', async () => {
    const waiting = {
      subject: 'this command',
      patienceMs: 5_000,
      option: null,
      stop: new AbortController().signal,
      onNotice: expect.unreachable,
    } as const;
    const client = await connectToRead({
      url: ground.url,
      name: 'postgres://test',
      purpose: 'test',
      waiting,
    });
    const lockTimeout = async () =>
      (await client.query("select current_setting('lock_timeout') as value")).rows[0].value;
    expect(await lockTimeout()).toBe('35s');
    await readAnew(client, waiting);
    expect(await lockTimeout()).toBe('35s');
    await client.end();
  });
});
