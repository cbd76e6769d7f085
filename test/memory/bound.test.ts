import { describe, expect, test } from 'vitest';
import { csvDestination, parquetDestination, postgresDestination } from '../support/destinations.ts';
import { peakOf, peakOfBurst, type Shape } from './many-conversations.ts';
import { peakMemory } from './peak-memory.ts';

// `npm run test:memory -- --users 300000` sets them.
const users = Number(process.env.MEMORY_USERS ?? 20_000);
const fewer = Number(process.env.MEMORY_FEWER_USERS ?? 10_000);
const refusals = Number(process.env.MEMORY_REFUSALS ?? 3);

const MAX_MIB = 256;
const MAX_GROWTH = 1.3;

// The bound is the program's own, whatever the destination; the long run shows it.
const kinds = [
  ['csv', csvDestination],
  ['parquet', parquetDestination],
  ['postgres', postgresDestination],
] as const;

// The first has 110 MB of answers and 130 MB of rows, which are all of one chunk.
const shapes: readonly Shape[] =
  process.env.MEMORY_USERS === undefined
    ? [{ users: 24, conversations: 6_000, pageSize: 1_000, concurrency: 64, markLength: 600 }]
    : [
        { users: 24, conversations: 6_000, pageSize: 1_000, concurrency: 64, markLength: 600 },
        { users: 200, conversations: 5_000, pageSize: 100, concurrency: 64 },
        { users: 200, conversations: 5_000, pageSize: 100, concurrency: 1_000 },
        { users: 20, conversations: 50_000, pageSize: 100, concurrency: 64 },
        { users: 20, conversations: 50_000, pageSize: 2_000, concurrency: 1_000 },
        { users: 20, conversations: 50_000, pageSize: 1_000, concurrency: 1 },
      ];

const isLong = process.env.MEMORY_USERS !== undefined;

describe.each(kinds.slice(0, isLong ? undefined : 1))('a run into %s', (_kind, destinationOf) => {
  test(`of ${users} users takes less than ${MAX_MIB} MiB, and hardly more than one of ${fewer}`, {
    timeout: 600_000 + users * 20,
  }, async () => {
    const small = await peakMemory(await destinationOf(), { users: fewer, refusals });
    const large = await peakMemory(await destinationOf(), { users, refusals });
    process.stdout.write(`${JSON.stringify([small, large])}\n`);
    expect(large.peak).toBeLessThan(MAX_MIB);
    expect(large.peak).toBeLessThan(small.peak * MAX_GROWTH);
  });

  test.each(shapes)(
    `of $users users with $conversations conversations, $concurrency calls at once, takes less than ${MAX_MIB} MiB`,
    { timeout: isLong ? 1_800_000 : 180_000 },
    async (shape) => {
      const peak = await peakOf(shape, await destinationOf());
      process.stdout.write(`${JSON.stringify({ ...shape, peak })}\n`);
      expect(peak).toBeLessThan(MAX_MIB);
    },
  );
});

const burst = isLong ? 1_000 : 128;

test(`${burst} answers of 4 MiB that come at once, after short ones, take less than ${MAX_MIB} MiB`, {
  timeout: isLong ? 1_800_000 : 180_000,
}, async () => {
  const peak = await peakOfBurst({ users: burst, bytes: 4 * 1024 * 1024 }, await csvDestination());
  process.stdout.write(`${JSON.stringify({ burst, peak })}\n`);
  expect(peak).toBeLessThan(MAX_MIB);
});
