import { test } from 'vitest';
import { PlanLock } from '../../../../src/destinations/postgres/sharing/plan-lock.ts';
import { QueueConnection } from '../../../../src/destinations/postgres/sharing/queue-connection.ts';
import { createDatabase } from '../../../support/database.ts';
import { lineToDatabase } from '../../../support/line.ts';
import { whenOver } from '../../../support/when-over.ts';

async function mutableLine() {
  const database = await createDatabase();
  whenOver(() => database.drop());
  const line = await lineToDatabase(database.url);
  return { line, connection: { url: line.url, name: 'the test database' } };
}

test('the connection of the queue is closed, though its host has vanished', async () => {
  const { line, connection } = await mutableLine();
  const queue = new QueueConnection({ ...connection, purpose: 'queue' });
  await queue.executeSql('select');
  line.mute();
  await queue.close();
}, 15_000);

test('the right to plan is given back, though its host has vanished', async () => {
  const { line, connection } = await mutableLine();
  const { signal } = new AbortController();
  const lock = await PlanLock.take(connection, { schema: 'chat_export', sdkAppId: 1 }, signal);
  line.mute();
  await lock.release();
}, 15_000);
