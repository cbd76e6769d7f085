import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChunkClaims, type NextChunk } from '../../../../src/destinations/postgres/sharing/chunk-claims.ts';
import { ChunkQueue, type QueuedChunk } from '../../../../src/destinations/postgres/sharing/chunk-queue.ts';
import { QueueConnection } from '../../../../src/destinations/postgres/sharing/queue-connection.ts';
import { migrateQueue } from '../../../../src/destinations/postgres/sharing/queue-schema.ts';
import { createDatabase, type TestDatabase } from '../../../support/database.ts';
import { hasPgBoss } from '../../../support/pg-boss.ts';

const now = { runId: 7, attempt: 2, pass: 1 } as const;

describe.skipIf(!hasPgBoss())('claims of chunks (needs pg-boss: see CONTRIBUTING.md)', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let queue: ChunkQueue;
  let state: QueueConnection;
  beforeAll(async () => {
    database = await createDatabase();
    const { url } = database;
    client = new pg.Client({ connectionString: url });
    await client.connect();
    const connection = { url, name: 'the test database', schema: 'chat_export' };
    await migrateQueue(client, connection.schema);
    queue = await ChunkQueue.open({ ...connection, sdkAppId: 1, onError: () => {} });
    state = new QueueConnection({ ...connection, purpose: 'test' });
  });
  afterAll(async () => {
    await queue.close();
    await state.close();
    await client.end();
    await database.drop();
  });

  test('several processes can open the queue of an empty database at the same time', async () => {
    const empty = await createDatabase();
    const connection = { url: empty.url, name: 'the test database', schema: 'chat_export' };
    const opening = Array.from({ length: 8 }, () => openAfterMigration(connection));
    const opened = await Promise.allSettled(opening);
    for (const one of opened) if (one.status === 'fulfilled') await one.value.close();
    await empty.drop();
    expect(opened.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  /** As each process does that may migrate. */
  async function openAfterMigration(connection: {
    readonly url: string;
    readonly name: string;
    readonly schema: string;
  }): Promise<ChunkQueue> {
    const migrating = new pg.Client({ connectionString: connection.url });
    await migrating.connect();
    await migrateQueue(migrating, connection.schema).finally(() => migrating.end());
    return await ChunkQueue.open({ ...connection, sdkAppId: 1, onError: () => {} });
  }

  /** Claims over a queue that holds these chunks alone. */
  async function claimsOver(...chunks: readonly QueuedChunk[]): Promise<ChunkClaims> {
    await queue.clear(client);
    await queue.add(client, chunks);
    return new ChunkClaims(queue, state);
  }

  const claimed = (next: NextChunk): number | string => (next.kind === 'chunk' ? next.chunk : next.kind);

  test('the first chunk is claimed first, and also when it was given back', async () => {
    const claims = await claimsOver({ ...now, chunk: 2 }, { ...now, chunk: 1 });
    expect(claimed(await claims.next(now))).toBe(1);
    await claims.giveBack(1);
    expect(claimed(await claims.next(now))).toBe(1);
    expect(claimed(await claims.next(now))).toBe(2);
    expect(claimed(await claims.next(now))).toBe('none');
  });

  test.each([
    ['a later attempt', { ...now, attempt: 3, chunk: 1 }],
    ['a later run', { ...now, runId: 8, attempt: 1, chunk: 1 }],
  ])('a process that was frozen gives a chunk of %s back to its workers', async (_, chunk) => {
    const claims = await claimsOver(chunk);
    expect(claimed(await claims.next(now))).toBe('none');
    expect(claimed(await new ChunkClaims(queue, state).next(chunk))).toBe(1);
  });

  test.each([
    ['an earlier attempt', { ...now, attempt: 1, chunk: 1 }],
    ['an earlier run', { ...now, runId: 6, attempt: 9, chunk: 1 }],
  ])('a chunk of %s is dropped', async (_, chunk) => {
    const claims = await claimsOver(chunk, { ...now, chunk: 5 });
    expect(claimed(await claims.next(now))).toBe(5);
    expect(claimed(await new ChunkClaims(queue, state).next(chunk))).toBe('none');
  });

  test('a chunk of the first pass that comes back during the second is left for the first, which starts again', async () => {
    const claims = await claimsOver({ ...now, chunk: 1 });
    expect(claimed(await claims.next({ ...now, pass: 2 }))).toBe('earlier');
    expect(claims.chunks).toEqual([]);
    expect(claimed(await claims.next(now))).toBe(1);
  });

  test('a chunk of the second pass that is met during the first waits for its pass', async () => {
    const claims = await claimsOver({ ...now, pass: 2, chunk: 1 });
    expect(claimed(await claims.next(now))).toBe('none');
    expect(claimed(await new ChunkClaims(queue, state).next(now))).toBe('none');
    expect(claimed(await claims.next({ ...now, pass: 2 }))).toBe(1);
  });

  test('a chunk whose claim was lost, and that comes back to the same worker, has a claim of its own', async () => {
    const claims = await claimsOver({ ...now, chunk: 1 });
    const first = await claims.next(now);
    const lost = claims.of(1);
    if (first.kind !== 'chunk' || lost === null) throw new Error('a chunk');
    // As pg-boss does when heartbeats are missing.
    await queue.giveBack(lost);
    const second = await claims.next(now);
    if (second.kind !== 'chunk') throw new Error('the chunk again');
    expect([first.lost.aborted, second.lost.aborted]).toEqual([true, false]);
    claims.forget(lost);
    expect(claims.chunks).toEqual([1]);
    await client.query('begin');
    expect(await queue.complete(client, lost)).toBe(false);
    expect(await queue.complete(client, claims.of(1) ?? lost)).toBe(true);
    await client.query('rollback');
  });

  test('removed jobs come back with the transaction that removed them', async () => {
    const claims = await claimsOver({ ...now, chunk: 1 });
    await client.query('begin');
    await queue.clear(client);
    await client.query('rollback');
    expect(claimed(await claims.next(now))).toBe(1);
  });

  test('waiting and claimed chunks are unfinished, and completed ones are not', async () => {
    const claims = await claimsOver({ ...now, chunk: 1 }, { ...now, chunk: 2 }, { ...now, chunk: 3 });
    await claims.next(now);
    await claims.next(now);
    await claims.drop(1);
    expect([...(await queue.unfinished(client, now))].toSorted()).toEqual([2, 3]);
    expect([...(await queue.unfinished(client, { runId: 7, attempt: 1 }))]).toEqual([]);
  });
});
