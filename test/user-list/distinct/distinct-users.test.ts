import { readdir, readlink } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DistinctUsers } from '../../../src/user-list/distinct/distinct-users.ts';
import { temporaryDirectory } from '../../support/directory.ts';

const never = new AbortController().signal;

async function* cut(ids: readonly string[], size: number): AsyncGenerator<string[]> {
  for (let from = 0; from < ids.length; from += size) yield ids.slice(from, from + size);
}

/** The files that this process has open in a directory, with a name or without. */
async function filesOpenIn(directory: string): Promise<string[]> {
  const open = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  return (await Promise.all(open)).filter((path) => path.startsWith(directory));
}

const all = (users: DistinctUsers, limit?: number): string[] => [...users.batches(limit)].flat();

/** Compares with a Set, which keeps the order of first appearance. */
async function compare(ids: readonly string[], size: number, tempDir: string): Promise<void> {
  const users = await DistinctUsers.read(cut(ids, size), tempDir, never);
  try {
    const distinct = [...new Set(ids)];
    expect(users.users).toBe(distinct.length);
    expect(users.duplicates).toBe(ids.length - distinct.length);
    expect(all(users)).toEqual(distinct);
    expect(all(users)).toEqual(distinct);
    for (const limit of [0, 1, Math.floor(distinct.length / 2), distinct.length, distinct.length + 1]) {
      expect(all(users, limit)).toEqual(distinct.slice(0, limit));
    }
  } finally {
    users.close();
  }
  expect(await readdir(tempDir)).toEqual([]);
}

test('each user comes once, in the order of the list', async () => {
  const tempDir = await temporaryDirectory();
  const id = fc
    .string({ unit: fc.constantFrom('a', 'b', 'é', '😀', ' '), minLength: 1, maxLength: 8 })
    .map((text) => text.slice(0, 8).toWellFormed());
  await fc.assert(
    fc.asyncProperty(fc.array(id, { minLength: 1 }), fc.integer({ min: 1, max: 50 }), (ids, size) =>
      compare(ids, size, tempDir),
    ),
    { numRuns: 30 },
  );
});

test('a list far beyond the memory limit has the same users', async () => {
  const ids: string[] = [];
  // Over 400,000 lines.
  for (let n = 0; n < 300_000; n += 1) {
    ids.push(`user-${String(n).padStart(27, '0')}`);
    // Many repetitions, some close and some far, and whole blocks of them.
    if (n % 3 === 0) ids.push(`user-${String(Math.floor(n / 7)).padStart(27, '0')}`);
    if (n > 290_000) ids.push('管理员');
  }
  await compare(ids, 4_096, await temporaryDirectory());
});

test('batches are not too long and never empty', async () => {
  const ids = Array.from({ length: 5_500 }, (_, n) => `u${n}`);
  const users = await DistinctUsers.read(cut(ids, 5_500), await temporaryDirectory(), never);
  const sizes = [...users.batches()].map((batch) => batch.length);
  expect(Math.min(...sizes)).toBeGreaterThan(0);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
  users.close();
});

test('two readers of the same list do not disturb each other, in files or in memory', async () => {
  for (const count of [2_500, 100_000]) {
    const ids = Array.from({ length: count }, (_, n) => `user-number-${n}`);
    const users = await DistinctUsers.read(cut(ids, 1_000), await temporaryDirectory(), never);
    const found: [string[], string[]] = [[], []];
    const second = users.batches();
    for (const batch of users.batches()) {
      found[0].push(...batch);
      found[1].push(...(second.next().value ?? []));
    }
    expect(found[0]).toEqual(ids);
    expect(found[1]).toEqual(ids);
    users.close();
  }
});

test('the digest distinguishes another list, another order and another repetition, and ignores the batches', async () => {
  const tempDir = await temporaryDirectory();
  const digestOf = async (ids: string[], size = 2): Promise<string> => {
    const users = await DistinctUsers.read(cut(ids, size), tempDir, never);
    users.close();
    return users.digest;
  };
  const lists = [
    ['a', 'b', 'c'],
    ['a', 'c', 'b'],
    ['a', 'b', 'c', 'c'],
    ['a', 'b'],
    ['ab', 'c'],
    ['a","b', 'c'],
  ];
  const digests = await Promise.all(lists.map((ids) => digestOf(ids)));
  expect(new Set(digests).size).toBe(lists.length);
  for (const size of [1, 3]) expect(await digestOf(['a', 'b', 'c'], size)).toBe(digests[0]);
});

test('a list too long for the memory is stored in nameless files, and its error is thrown', async () => {
  const tempDir = await temporaryDirectory();
  const broken = new Error('the list broke off');
  const list = async function* () {
    for (let n = 0; n < 100; n += 1) {
      yield Array.from({ length: 1_000 }, (_, i) => `user-${n}-${i}-${'x'.repeat(16)}`);
    }
    // By now there are files, but none with a name that a killed process could leave behind.
    expect(await readdir(tempDir)).toEqual([]);
    if (process.platform === 'linux') expect((await filesOpenIn(tempDir)).length).toBeGreaterThan(0);
    throw broken;
  };
  await expect(DistinctUsers.read(list(), tempDir, never)).rejects.toBe(broken);
  if (process.platform === 'linux') expect(await filesOpenIn(tempDir)).toEqual([]);
});
