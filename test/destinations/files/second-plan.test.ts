import { appendFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NO_COUNTS } from '../../../src/destinations/contract/counts.ts';
import { secondPlan } from '../../../src/destinations/files/plan.ts';
import type { LedgerEntry } from '../../../src/destinations/files/storage/ledger.ts';
import { jsonLine } from '../../../src/destinations/files/storage/lines.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { all } from '../samples.ts';

/** A ledger whose chunks have deferred these users. */
async function ledgerOf(deferred: readonly (readonly string[])[]): Promise<string> {
  const path = join(await temporaryDirectory(), 'ledger.jsonl');
  const entries = deferred.map(
    (users, i): LedgerEntry => ({ chunk: i + 1, users: 0, deferred: users, counts: NO_COUNTS, files: {} }),
  );
  await appendFile(path, entries.map(jsonLine).join(''));
  return path;
}

const chunksOf = async (ledger: string, chunkSize: number): Promise<unknown[]> =>
  (await all(secondPlan(ledger, chunkSize))).map((line) => JSON.parse(line));

test.each<[string, readonly (readonly string[])[], readonly (readonly string[])[]]>([
  ['nobody', [[], []], []],
  ['fewer than a chunk', [['a'], [], ['b']], [['a', 'b']]],
  [
    'whole chunks',
    [['a', 'b', 'c'], [], ['d', 'e', 'f']],
    [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ],
  ],
  [
    'some more',
    [['a', 'b'], ['c', 'd'], ['e']],
    [
      ['a', 'b', 'c'],
      ['d', 'e'],
    ],
  ],
  ['several chunks in one', [['a', 'b', 'c', 'd', 'e', 'f', 'g']], [['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]],
])('the second pass has chunks of the deferred users, in order: %s', async (_, deferred, chunks) => {
  expect(await chunksOf(await ledgerOf(deferred), 3)).toEqual(chunks);
});

test('deferred users are read from the ledger as their chunks are written, and not all at once', async () => {
  const chunks = 2_000;
  const ledger = await ledgerOf(Array.from({ length: chunks }, (_, i) => [`user${i}`]));
  const plan = secondPlan(ledger, 1);
  expect((await plan.next()).value).toBe('["user0"]\n');
  await truncate(ledger);
  // Only the part of the ledger that was read by then is returned.
  expect((await all(plan)).length).toBeLessThan(chunks / 2);
});
