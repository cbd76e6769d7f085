import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { ChunkQueue } from '../../../../src/destinations/postgres/sharing/chunk-queue.ts';
import { QueueConnection } from '../../../../src/destinations/postgres/sharing/queue-connection.ts';
import { migrateQueue } from '../../../../src/destinations/postgres/sharing/queue-schema.ts';
import { ownServer } from '../../../support/own-server.ts';
import { hasPgBoss } from '../../../support/pg-boss.ts';
import { whenOver } from '../../../support/when-over.ts';

describe.skipIf(!hasPgBoss())('supervision of claims (needs pg-boss: see CONTRIBUTING.md)', () => {
  test('a server that was suspended takes no claim away before its worker can renew it, and later those of the dead', async () => {
    const server = await ownServer();
    const connection = { url: server.to, name: 'the test database', schema: 'chat_export' };
    const client = new pg.Client({ connectionString: server.to });
    await client.connect();
    await migrateQueue(client, connection.schema);
    const queue = await ChunkQueue.open({ ...connection, sdkAppId: 1, onError: () => {} });
    const state = new QueueConnection({ ...connection, purpose: 'test' });
    whenOver(async () => {
      await queue.close();
      await state.close();
      await client.end();
    });
    await queue.add(
      client,
      [1, 2].map((chunk) => ({ runId: 1, attempt: 1, chunk, pass: 1 })),
    );
    const [living, dead] = [await queue.claim(), await queue.claim()];
    if (living === null || dead === null) throw new Error('two');
    // Longer than a new process waits before it supervises.
    for (let i = 0; i < 3; i += 1) {
      await sleep(2_500);
      expect(await queue.keep([living, dead], state)).toEqual([]);
    }
    const thaw = await server.freeze();
    await sleep(12_000);
    thaw();
    // A worker renews its heartbeats every three seconds.
    await sleep(2_500);
    expect(await queue.keep([living], state)).toEqual([]);
    await expect.poll(() => queue.claim(), { timeout: 10_000 }).toMatchObject({ data: { chunk: 2 } });
  }, 60_000);
});
