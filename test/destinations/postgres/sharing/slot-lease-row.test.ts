import { expect, test } from 'vitest';
import { describeServers } from '../../../support/servers.ts';
import { app } from '../../samples.ts';
import { PostgresGround } from '../ground.ts';
import { granted, INTERVAL_MS, instants, leaseRow, request, shortest } from './leases.ts';

// A server keeps instants in microseconds.
const ROUNDING_MS = 0.002;
const HOUR_MS = 3_600_000;

describeServers('leases of slots', (server) => {
  const ground = new PostgresGround(server);
  const prepared = async (): Promise<string> => {
    const schema = ground.schema();
    await (await ground.open(schema)).close();
    return schema;
  };
  const three = (schema: string) => [1, 2, 3].map(() => leaseRow(ground.url, schema));

  test('never overlap, in whatever order workers ask', async () => {
    const schema = await prepared();
    const slots: number[] = [];
    await Promise.all(
      three(schema).map(async (row) => {
        for (let n = 0; n < 20; n += 1) slots.push(...instants(await granted(row)));
      }),
    );
    expect(slots).toHaveLength(3 * 20 * 10);
    expect(shortest(slots)).toBeGreaterThan(INTERVAL_MS - ROUNDING_MS);
  });

  test('are apart for each app and each address of the API', async () => {
    const schema = await prepared();
    await granted(leaseRow(ground.url, schema));
    const other = await leaseRow(ground.url, schema, 'https://other.test').lease(request());
    // A row of its own, which is new.
    expect(other?.slots).toBe(0);
    expect(
      await ground.query(`select sdk_app_id, endpoint from ${schema}.call_quota order by endpoint`),
    ).toEqual([
      { sdk_app_id: String(app), endpoint: 'https://api.test' },
      { sdk_app_id: String(app), endpoint: 'https://other.test' },
    ]);
  });

  test('are for 50 ms, for no more than asked, and for at least one slot', async () => {
    const schema = await prepared();
    const row = leaseRow(ground.url, schema);
    expect((await granted(row, { slots: 64 })).slots).toBe(10);
    expect((await granted(row, { slots: 3 })).slots).toBe(3);
    expect((await granted(row, { slots: 64, calls: 1_000 })).slots).toBe(49);
    expect((await granted(row, { slots: 64, calls: 1 })).slots).toBe(1);
    expect(await row.lease(request({ slots: 0 }))).toMatchObject({ slots: 0 });
  });

  test('are never far ahead: a worker who comes too early is told when to ask again', async () => {
    const schema = await prepared();
    const row = leaseRow(ground.url, schema);
    await granted(row);
    let lease = await row.lease(request());
    for (let n = 0; n < 100 && lease?.slots === 10; n += 1) lease = await row.lease(request());
    expect(lease?.slots).toBe(0);
    expect((lease?.first ?? 0) - (lease?.now ?? 0)).toBeGreaterThan(0);
    expect((lease?.first ?? 0) - (lease?.now ?? 0)).toBeLessThanOrEqual(100 + ROUNDING_MS);
  });

  test.each([
    ['deleted', 'delete from'],
    ['gone with all others, as after a crash of the server', 'truncate'],
  ])('do not overlap with earlier ones when the row is %s', async (_, statement) => {
    const schema = await prepared();
    const rows = three(schema);
    const slots: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      await Promise.all(
        rows.map(async (row) => {
          for (let m = 0; m < 3; m += 1) slots.push(...instants(await granted(row)));
        }),
      );
      await ground.query(`${statement} ${schema}.call_quota`);
    }
    expect(shortest(slots)).toBeGreaterThan(INTERVAL_MS - ROUNDING_MS);
  });

  test('continue within about a second when the clock was set back', async () => {
    const schema = await prepared();
    const [row] = three(schema);
    if (row === undefined) throw new Error('there is no row');
    await granted(row);
    await ground.query(
      `update ${schema}.call_quota set next_slot_at = next_slot_at + interval '1 hour',
         leased_at = leased_at + interval '1 hour', throttled_at = throttled_at + interval '1 hour',
         first_slot_at = first_slot_at + interval '1 hour', margin_ms = 40`,
    );
    const early = await row.lease(request());
    expect(early).toMatchObject({ slots: 0, marginMs: 40 });
    expect((early?.first ?? 0) - (early?.now ?? 0)).toBeLessThanOrEqual(100 + ROUNDING_MS);
    const lease = await granted(row);
    // 1,000 ms ahead, and the 100 ms that a lease may be long.
    expect(lease.first - (early?.now ?? 0)).toBeLessThanOrEqual(1_101);
    expect(lease.throttle.at).toBeLessThanOrEqual(lease.now);
  });

  test('begin after all earlier ones when a worker saw the clock jump ahead', async () => {
    const schema = await prepared();
    const [row, other] = three(schema);
    if (row === undefined || other === undefined) throw new Error('there is no row');
    const before = await granted(row);
    expect(await row.lease(request({ hasJumped: true }))).toMatchObject({ slots: 0 });
    const after = await granted(other);
    expect(after.first - before.now).toBeGreaterThan(1_000);
  });

  test('come more slowly for all after a rate-limit error of one, once for one burst, and recover', async () => {
    const schema = await prepared();
    const [row, other] = three(schema);
    if (row === undefined || other === undefined) throw new Error('there is no row');
    await granted(row);
    const throttle = { factor: 0.5, recoveryMs: HOUR_MS, sentMsAgo: 0 };
    await row.lease(request({ slots: 0, throttle }));
    const slowed = await granted(other);
    expect(slowed).toMatchObject({ isLimited: true, throttle: { factor: 0.5, recoveryMs: HOUR_MS } });
    expect(slowed.intervalMs).toBeCloseTo(INTERVAL_MS / 0.5, 1);
    // A call that was sent before that cut.
    const known = { factor: 0.1, recoveryMs: HOUR_MS, sentMsAgo: HOUR_MS };
    await other.lease(request({ slots: 0, throttle: known }));
    expect((await granted(row)).throttle.factor).toBe(0.5);
    await ground.query(`update ${schema}.call_quota set throttled_at = throttled_at - interval '30 minutes'`);
    // With the square of the time: a quarter of what is missing.
    expect((await granted(row)).intervalMs).toBeCloseTo(INTERVAL_MS / 0.625, 1);
    await ground.query(`update ${schema}.call_quota set throttled_at = throttled_at - interval '30 minutes'`);
    expect((await granted(row)).intervalMs).toBeCloseTo(INTERVAL_MS, 6);
  });

  test('begin below the rate when the row is new, and when it was idle for long', async () => {
    const schema = await prepared();
    const row = leaseRow(ground.url, schema);
    const start = { factor: 0.8, recoveryMs: HOUR_MS };
    const first = await granted(row, { start });
    expect(first.intervalMs).toBeCloseTo(INTERVAL_MS / 0.8, 1);
    expect(first.isLimited).toBe(false);
    await ground.query(`update ${schema}.call_quota set throttle_factor = 1, is_rate_limited = true`);
    expect((await granted(row, { start })).intervalMs).toBeCloseTo(INTERVAL_MS, 1);
    await ground.query(`update ${schema}.call_quota set next_slot_at = now() - interval '11 s'`);
    const again = await granted(row, { start });
    expect(again.intervalMs).toBeCloseTo(INTERVAL_MS / 0.8, 1);
    expect(again.isLimited).toBe(false);
  });

  test('wait for all when a server asked one worker to wait, at most a minute', async () => {
    const schema = await prepared();
    const [row, other] = three(schema);
    if (row === undefined || other === undefined) throw new Error('there is no row');
    await granted(row);
    await row.lease(request({ slots: 0, pauseMs: 20_000 }));
    const paused = await other.lease(request({ pauseMs: 1 }));
    if (paused === null) throw new Error('the database is unavailable');
    expect(paused.slots).toBe(0);
    expect(paused.pausedUntil - paused.now).toBeGreaterThan(15_000);
    expect(paused.pausedUntil - paused.now).toBeLessThanOrEqual(20_000);
    // To ask a second before.
    expect(paused.pausedUntil - paused.first).toBeCloseTo(1_000, 1);
    const longest = await row.lease(request({ pauseMs: 10 * HOUR_MS }));
    expect((longest?.pausedUntil ?? 0) - (longest?.now ?? 0)).toBeCloseTo(60_000, 1);
    await ground.query(`update ${schema}.call_quota set paused_until = now() - interval '1 s'`);
    expect(await other.lease(request())).toMatchObject({ slots: 10, pausedUntil: Number.NEGATIVE_INFINITY });
  });

  test('have the widest margin that a worker needs, which falls by a millisecond a second', async () => {
    const schema = await prepared();
    const [row, other] = three(schema);
    if (row === undefined || other === undefined) throw new Error('there is no row');
    await granted(row, { marginMs: 44 });
    const wide = await granted(other);
    expect(wide.marginMs).toBeGreaterThan(40);
    expect(wide.intervalMs).toBeCloseTo((1_000 + wide.marginMs) / 200, 9);
    await ground.query(`update ${schema}.call_quota set leased_at = leased_at - interval '20 s'`);
    const later = await granted(other);
    expect(later.marginMs).toBeGreaterThan(20);
    expect(later.marginMs).toBeLessThan(24);
    await ground.query(`update ${schema}.call_quota set leased_at = leased_at - interval '20 s'`);
    expect((await granted(other)).marginMs).toBe(14);
  });

  test('are kept in an unlogged table, so that none waits for a disk or a standby', async () => {
    const schema = await prepared();
    const row = leaseRow(ground.url, schema);
    await granted(row);
    expect(
      await ground.query(`select relpersistence from pg_class where oid = '${schema}.call_quota'::regclass`),
    ).toEqual([{ relpersistence: 'u' }]);
  });
});
