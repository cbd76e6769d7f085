import { setMaxListeners } from 'node:events';
import pg from 'pg';
import { expect, test } from 'vitest';
import { LeasedRateLimiter } from '../../../../src/resilience/leased-rate-limiter.ts';
import { narrowest } from '../../../resilience/narrowest.ts';
import { ownServer } from '../../../support/own-server.ts';
import { whenOver } from '../../../support/when-over.ts';
import { PostgresGround } from '../ground.ts';
import { granted, leaseRow, request } from './leases.ts';

const ground = new PostgresGround();

async function prepared(): Promise<string> {
  const schema = ground.schema();
  await (await ground.open(schema)).close();
  return schema;
}

test('a lost connection leases nothing, and the next one does', async () => {
  const row = leaseRow(ground.url, await prepared());
  await granted(row);
  expect(await ground.terminate('slots')).toBe(1);
  expect(await row.lease(request())).toBeNull();
  expect(await row.lease(request())).toMatchObject({ slots: 10 });
});

test('a closed one leases nothing, and opens no connection again', async () => {
  const row = leaseRow(ground.url, await prepared());
  const opening = row.lease(request());
  await row.close();
  await opening;
  expect(await row.lease(request())).toBeNull();
  await expect.poll(() => ground.terminate('slots')).toBe(0);
});

test('a role without the right to lease, or a schema without the table, is an error for all who wait', async () => {
  const limiter = (schema: string) =>
    new LeasedRateLimiter({ leases: leaseRow(ground.url, schema), rate: 200, margin: 14 });
  const { signal } = new AbortController();
  await expect(limiter('nowhere').slot(signal)).rejects.toMatchObject({
    name: 'DestinationError',
    message: expect.stringContaining('call_quota'),
  });
});

test('a killed server stops the workers, a started one lets them continue, and no second has more than the rate', async () => {
  const server = await ownServer();
  const migrated = await ground.open('kept', { url: server.to });
  await migrated.close();
  const rate = 200;
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const writes: number[] = [];
  const workers = [1, 2, 3].map(async () => {
    const limiter = new LeasedRateLimiter({ leases: leaseRow(server.to, 'kept'), rate, margin: 14 });
    const calls = Array.from({ length: 20 }, async () => {
      for (;;) {
        const slot = await limiter.slot(stop.signal);
        slot.written();
        writes.push(performance.now());
        slot.release();
      }
    });
    await Promise.allSettled(calls);
  });
  whenOver(async () => stop.abort());
  await expect.poll(() => writes.length, { timeout: 20_000 }).toBeGreaterThan(2 * rate);
  server.kill();
  // The leased slots are used up when none comes for longer than a lease can last.
  await expect
    .poll(() => performance.now() - (writes.at(-1) ?? 0), { timeout: 10_000 })
    .toBeGreaterThan(1_500);
  const before = writes.length;
  await server.startAgain();
  await expect.poll(() => writes.length - before, { timeout: 30_000 }).toBeGreaterThan(3 * rate);
  const client = new pg.Client({ connectionString: server.to });
  await client.connect();
  // An unlogged table is empty after a crash: the row is new.
  const { rows } = await client.query('select count(*)::integer as rows from kept.call_quota');
  await client.end();
  expect(rows).toEqual([{ rows: 1 }]);
  stop.abort(new Error('enough'));
  await Promise.all(workers);
  expect(narrowest(writes, rate)).toBeGreaterThan(1_000);
}, 90_000);

test('a server that does not answer leases nothing, and a caller who waits for it can stop waiting', async () => {
  const server = await ownServer();
  await (await ground.open('kept', { url: server.to })).close();
  const row = leaseRow(server.to, 'kept');
  const limiter = new LeasedRateLimiter({ leases: row, rate: 200, margin: 14 });
  const stop = new AbortController();
  (await limiter.slot(stop.signal)).written();
  const thaw = await server.freeze();
  const waiting = limiter.slot(stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(await row.lease(request())).toBeNull();
  thaw();
  await expect.poll(() => row.lease(request()), { timeout: 30_000 }).not.toBeNull();
}, 90_000);
