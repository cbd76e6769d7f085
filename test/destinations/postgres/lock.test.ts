import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { DestinationLocked } from '../../../src/destinations/contract/destination-error.ts';
import { describeServers } from '../../support/servers.ts';
import { app } from '../samples.ts';
import { PostgresGround } from './ground.ts';

describeServers('the lock', (server) => {
  const ground = new PostgresGround(server);

  test('a second run of an app in a schema is refused, with the holder and since when', async () => {
    const began = Date.now();
    const first = await ground.open('one');
    const error = await ground.open('one').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DestinationLocked);
    expect(String(error)).toContain(`another run of app ${app} is at work in schema one: `);
    expect(String(error)).toContain(`chat-export run, process ${process.pid} on ${hostname()}`.slice(0, 63));
    const [, since = ''] = /, since (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)/.exec(String(error)) ?? [];
    // It is shown in whole seconds.
    expect(Date.parse(since)).toBeGreaterThan(began - 1_000);
    expect(Date.parse(since)).toBeLessThanOrEqual(Date.now());
    await first.close();
    await (await ground.open('one')).close();
  });

  test('another app, another schema and another database are free', async () => {
    const opened = [
      await ground.open('two'),
      await ground.open('two', { sdkAppId: app + 1 }),
      await ground.open('three'),
    ];
    for (const destination of opened) await destination.close();
  });

  test("the lock is free once its holder's session is gone", async () => {
    const first = await ground.open('four');
    await ground.terminate('run');
    const second = await ground.open('four');
    await second.close();
    await first.close();
  });

  test('of several attempts at once exactly one gets the lock', async () => {
    for (let round = 0; round < 5; round += 1) {
      const ends = await Promise.allSettled(Array.from({ length: 4 }, () => ground.open('five')));
      const won = ends.filter((end) => end.status === 'fulfilled').map((end) => end.value);
      const lost = ends.filter((end) => end.status === 'rejected').map((end) => end.reason);
      for (const destination of won) await destination.close();
      expect(won).toHaveLength(1);
      expect(lost.filter((reason) => !(reason instanceof DestinationLocked))).toEqual([]);
    }
  });

  test('a closed destination leaves no session behind', async () => {
    await (await ground.open('six')).close();
    const sessions = () =>
      ground.query(
        `select from pg_stat_activity where datname = current_database() and application_name like 'chat-export%'`,
      );
    while ((await sessions()).length > 0);
  });
});
