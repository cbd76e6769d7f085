import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJob } from '../../../src/config/read-job.ts';
import type { Destination } from '../../../src/destinations/contract/destination.ts';
import { SuppressedUsers } from '../../../src/destinations/contract/suppressed-users.ts';
import { FileDestination } from '../../../src/destinations/files/file-destination.ts';
import { idCodec } from '../../../src/run/ids/id-codec.ts';
import { openRun } from '../../../src/run/plan/open-run.ts';
import { DistinctUsers } from '../../../src/user-list/distinct/distinct-users.ts';
import { PostgresGround } from '../../destinations/postgres/ground.ts';
import { temporaryDirectory } from '../../support/directory.ts';

const ground = new PostgresGround();

test.each<[string, () => Promise<Destination>]>([
  ['csv', async () => await FileDestination.open(join(await temporaryDirectory(), 'export'), 1400000000)],
  ['postgres', () => ground.open(ground.schema())],
])('a run that is asked to stop while it is planned leaves no plan in %s', async (_, open) => {
  const flags = { users: 'u', to: 'csv:x', region: 'seoul', 'sdk-app-id': '1400000000' };
  const env = { CHAT_EXPORT_SECRET_KEY: 'x'.repeat(64) };
  const { job } = await readJob({ flags, env, file: undefined, cwd: await temporaryDirectory() });
  const stop = new AbortController();
  async function* list(): AsyncGenerator<string[]> {
    for (let i = 0; i < 5_000; i += 1) yield [`user${i}`];
  }
  const users = await DistinctUsers.read(list(), await temporaryDirectory(), stop.signal);
  // The first batch is planned before the signal comes.
  const batches = users.batches.bind(users);
  users.batches = function* (limit) {
    for (const batch of batches(limit)) {
      yield batch;
      stop.abort('SIGTERM');
    }
  };
  const destination = await open();
  const counts = { lines: 5_000, blank: 0, bad: 0 };
  const opening = openRun(
    job,
    { users, counts, name: 'list', retryOfRun: null },
    {
      destination,
      names: idCodec(null),
      suppressed: SuppressedUsers.none,
      events: {},
      stop: stop.signal,
    },
  );
  await expect(opening).rejects.toBe('SIGTERM');
  expect(await destination.lastRun(job.name)).toBeNull();
  await destination.close();
  users.close();
});
