import pg from 'pg';
import { ChunkQueue, type QueuedChunk } from '../../src/destinations/postgres/sharing/chunk-queue.ts';
import { migrateQueue } from '../../src/destinations/postgres/sharing/queue-schema.ts';
import type { Bench } from '../bench.ts';
import { spreadOf } from '../statistics.ts';
import { query, startServer } from '../support/postgres.ts';

const SCHEMA = 'chat_export';
const CLAIMED = 200;
const USERS_OF_A_CHUNK = 200;
const MIB = 1024 * 1024;

export const queue: Bench = {
  name: 'queue',
  summary: 'what the queue of a shared run of ten million users costs (needs pg-boss)',
  onlyWhenNamed: true,
  run: async ({ quick, directory, say }) => {
    const chunks = quick ? 2_000 : 50_000;
    await using server = await startServer(directory);
    const url = await server.createDatabase();
    const connection = { url, name: 'the bench', schema: SCHEMA };
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await migrateQueue(client, SCHEMA);
    const opened = await ChunkQueue.open({
      ...connection,
      sdkAppId: 1,
      onError: (error) => say(error.message),
    });
    try {
      const before = await sizeOfQueue(url);
      say(`queueing ${chunks} chunks`);
      const planMs = await timeOf(async () => {
        await client.query('begin');
        await opened.add(client, plan(chunks));
        await client.query('commit');
      });
      const bytes = (await sizeOfQueue(url)) - before;
      const first = await claimMany(opened, client);
      // One statement ends all but the last: what they leave behind in the table stays.
      await query(
        url,
        `update ${SCHEMA}_jobs.job set state = 'completed', completed_on = now()
         where state < 'active' and priority > ${CLAIMED - chunks}`,
      );
      const last = await claimMany(opened, client);
      return {
        figures: [
          {
            what: 'size of the queue of a plan',
            against: `${chunks * USERS_OF_A_CHUNK} users in chunks of ${USERS_OF_A_CHUNK}`,
            unit: 'MiB',
            value: spreadOf([bytes / MIB]),
            reach: null,
            detail: `${chunks} jobs, written in one transaction in ${(planMs / 1_000).toFixed(2)} s`,
          },
          {
            what: `claim and end of a chunk, the last ${CLAIMED}`,
            against: `the first ${CLAIMED}`,
            unit: 'ratio',
            value: spreadOf([last / first]),
            reach: null,
            detail: `${last.toFixed(2)} and ${first.toFixed(2)} ms a chunk`,
          },
        ],
      };
    } finally {
      await opened.close();
      await client.end();
    }
  },
};

function* plan(chunks: number): Generator<QueuedChunk> {
  for (let chunk = 1; chunk <= chunks; chunk += 1) yield { runId: 1, attempt: 1, chunk, pass: 1 };
}

async function claimMany(queue: ChunkQueue, client: pg.Client): Promise<number> {
  const ms = await timeOf(async () => {
    for (let n = 0; n < CLAIMED; n += 1) {
      const claim = await queue.claim();
      if (claim === null) throw new Error(`the queue was empty after ${n} chunks`);
      await queue.complete(client, claim);
    }
  });
  return ms / CLAIMED;
}

async function sizeOfQueue(url: string): Promise<number> {
  const [row] = await query(
    url,
    `select sum(pg_total_relation_size(oid))::float8 as bytes from pg_class
     where relnamespace = '${SCHEMA}_jobs'::regnamespace and relkind = 'r'`,
  );
  return Number(row?.bytes);
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
