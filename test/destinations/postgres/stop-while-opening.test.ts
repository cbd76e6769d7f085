import { expect, test } from 'vitest';
import { AbortedByStop, DestinationError } from '../../../src/destinations/contract/destination-error.ts';
import { describeServers } from '../../support/servers.ts';
import { all, newRun, only, resultOf, userIds } from '../samples.ts';
import { PostgresGround } from './ground.ts';
import { Relay } from './relay.ts';

describeServers('connections that are being opened', (server) => {
  const ground = new PostgresGround(server);

  /** A way to the server over which the connections of a purpose get no further than their greeting, from when that is asked. */
  async function slowWay(purpose: string) {
    const relay = await Relay.start(ground.url);
    let letGo = (): void => {};
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const holdFromNow = () =>
      new Promise<void>((resolve) => {
        relay.holds = (said) => {
          if (!said.includes(`chat-export ${purpose},`)) return null;
          resolve();
          return released;
        };
      });
    return { relay, holdFromNow, letGo };
  }

  const sessions = () =>
    ground.query(
      `select from pg_stat_activity where datname = current_database() and application_name like 'chat-export%'`,
    );

  test.each(['run', 'writer'])(
    'keep no lock when a stop comes before the one of the %s is there',
    async (purpose) => {
      const { relay, holdFromNow, letGo } = await slowWay(purpose);
      const schema = ground.schema();
      const stop = new AbortController();
      const held = holdFromNow();
      const opening = ground.open(schema, { url: relay.url, stop: stop.signal });
      await held;
      stop.abort();
      letGo();
      await expect(opening).rejects.toThrow(AbortedByStop);
      while ((await sessions()).length > 0);
      await (await ground.open(schema)).close();
      await relay.down();
    },
  );

  test.each(['run', 'writer'])(
    'keep no lock when the destination is closed while the one of the %s is made again',
    async (purpose) => {
      const { relay, holdFromNow, letGo } = await slowWay(purpose);
      const schema = ground.schema();
      const destination = await ground.open(schema, { url: relay.url });
      const run = await destination.begin(newRun(1, 1), [userIds(1)]);
      const chunk = only(await all(run.openChunks(1)));
      const held = holdFromNow();
      relay.cut();
      const committing = expect(run.commit(resultOf(run, chunk))).rejects.toThrow(DestinationError);
      await held;
      const closing = destination.close();
      letGo();
      await closing;
      await committing;
      while ((await sessions()).length > 0);
      await (await ground.open(schema)).close();
      await relay.down();
    },
  );
});
