import type pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { tryLock, waitInQueue } from '../../../../src/destinations/postgres/connect/advisory-lock.ts';
import { serverProcess } from '../../../../src/destinations/postgres/connect/pooler.ts';
import { describeServers } from '../../../support/servers.ts';
import { app } from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

describeServers('the queue for the lock', (server) => {
  const ground = new PostgresGround(server);

  async function connected(): Promise<pg.Client> {
    const client = await ground.connect();
    onTestFinished(() => client.end().catch(() => {}));
    return client;
  }

  test('is left without an error when the time is over, and no snapshot stays behind', async () => {
    const [holder, waiter] = [await connected(), await connected()];
    expect(await tryLock(holder, 'one', app)).toMatchObject({ isTaken: true });
    const { isTaken, ...lock } = await tryLock(waiter, 'one', app);
    expect(isTaken).toBe(false);
    await waitInQueue(waiter, lock, 50);
    expect(await tryLock(waiter, 'one', app)).toMatchObject({ isTaken: false });
    const pid = await serverProcess(waiter);
    expect(await ground.query('select backend_xmin from pg_stat_activity where pid = $1', [pid])).toEqual([
      { backend_xmin: null },
    ]);
    const { rows } = await waiter.query('show lock_timeout');
    expect(rows).toEqual([{ lock_timeout: '0' }]);
  });

  test('gives the lock to the waiting session, which keeps it, when the session of the holder ends', async () => {
    const [holder, waiter] = [await connected(), await connected()];
    await tryLock(holder, 'two', app);
    const { isTaken: _, ...lock } = await tryLock(waiter, 'two', app);
    const waited = waitInQueue(waiter, lock, 600_000);
    const waiting = () =>
      ground.query(`select from pg_locks where locktype = 'advisory' and not granted and pid = $1`, [
        lock.pid,
      ]);
    while ((await waiting()).length === 0);
    await holder.end();
    await waited;
    expect(await tryLock(waiter, 'two', app)).toMatchObject({ isTaken: true });
    expect(await tryLock(await connected(), 'two', app)).toMatchObject({ isTaken: false });
  });
});
