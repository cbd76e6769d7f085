import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectedUserRows } from '../../src/simulator/content/expected-rows.ts';
import { pageAt, pageStartIndex } from '../../src/simulator/content/start-index.ts';
import { userId, userIndex } from '../../src/simulator/content/user-id.ts';
import { userProfile } from '../../src/simulator/content/user-profile.ts';
import { readOptions } from '../../src/simulator/options/read-options.ts';
import { withSimulator } from './calling.ts';
import { rowsOfExpected, rowsOfPages } from './reading.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });

test('a StartIndex leads back to its page, and only the first page has 0', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(), uint32, (seed, user, page) => {
      const index = pageStartIndex(seed, user, page);
      expect(pageAt(seed, user, index)).toBe(page);
      expect(index === 0).toBe(page === 0);
      expect(index).toBeLessThanOrEqual(0xffff_ffff);
    }),
  );
});

test('a user ID leads back to its index, is one line and has at most 32 bytes', () => {
  const ids = new Set<string>();
  for (let index = 0; index < 5_000; index++) {
    const id = userId(index, 0.5);
    expect(userIndex(id, 0.5)).toBe(index);
    expect(Buffer.byteLength(id)).toBeLessThanOrEqual(32);
    expect(id).toBe(id.trim());
    expect(id).not.toMatch(/[\r\n]/);
    ids.add(id);
  }
  expect(ids.size).toBe(5_000);
  expect(userIndex('user42', 0)).toBe(null);
  expect(Buffer.byteLength(userId(99_999_999, 1))).toBeLessThanOrEqual(32);
});

test("every ordinary user's pages hold exactly the expected rows", async () => {
  const worlds = fc.record({
    seed: fc.integer(),
    day: fc.integer({ min: 1, max: 5 }),
    pageSize: fc.integer({ min: 1, max: 12 }),
    conversations: fc.integer({ min: 0, max: 60 }),
    groupItems: fc.constantFrom('first' as const, 'all' as const, 'any' as const),
    oddities: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const options = { ...world, users: 40, empty: 0.1, changed: 0.5, oddUserIds: 0.3 };
      await using caller = await withSimulator(options);
      const known = readOptions(options);
      const all = Array.from({ length: known.users }, async (_, index) => {
        const user = userId(index, known.oddUserIds);
        const pages = await caller.pages(user);
        expect(rowsOfPages(user, pages)).toEqual(rowsOfExpected(expectedUserRows(known, index)));
        expect(pages.at(-1)).toMatchObject({ CompleteFlag: 1, NextStartIndex: 0 });
        expect(pages.every(({ ContactItem }) => (ContactItem ?? []).length <= known.pageSize)).toBe(true);
      });
      await Promise.all(all);
    }),
    { numRuns: 30 },
  );
});

test('a page begins with the fields of the vendor in their order', async () => {
  await using caller = await withSimulator({ groupItems: 'all' });
  const page = await caller.page('user0000001');
  expect(Object.keys(page)).toEqual([
    'ContactItem',
    'GroupItem',
    'CompleteFlag',
    'NextStartIndex',
    'ActionStatus',
    'ErrorCode',
    'ErrorInfo',
  ]);
});

test('two instances answer the same', async () => {
  const options = { seed: 7, oddities: true, day: 3, failing: 0.1, unreadable: 0.1, unknownTypes: 0.2 };
  await using one = await withSimulator(options);
  await using other = await withSimulator(options);
  for (let index = 0; index < 50; index++) {
    const body = { From_Account: userId(index, 0.02), StartIndex: 0 };
    expect((await one.send({ body })).text).toBe((await other.send({ body })).text);
  }
});

test('users who cannot be exported are so on every call, in all the ways there are', async () => {
  const options = readOptions({ rate: 1_000_000, users: 200, notImported: 0.2, failing: 0.3, endless: 0.3 });
  await using caller = await withSimulator(options);
  const seen = new Set<string | number>();
  for (let index = 0; index < options.users; index++) {
    const kind = userProfile(options, index);
    const user = userId(index, options.oddUserIds);
    if (kind.name === 'not_in_app' || kind.name === 'failed') {
      seen.add(kind.code);
      for (const _ of [1, 2]) expect((await caller.page(user)).ErrorCode).toBe(kind.code);
    }
    if (kind.name !== 'endless') continue;
    seen.add(kind.way);
    const indexes = new Set<number>();
    let next = 0;
    for (let page = 0; page < 30; page++) {
      const answer = await caller.page(user, next);
      expect(answer).toMatchObject({ ErrorCode: 0 });
      expect(answer.CompleteFlag).toBe(kind.way === 'flagless' ? undefined : 0);
      next = answer.NextStartIndex ?? -1;
      indexes.add(next);
    }
    if (kind.way === 'stuck') expect(indexes.size).toBeLessThanOrEqual(3);
    if (kind.way === 'more') expect(indexes.size).toBe(30);
  }
  expect(seen).toEqual(new Set([50001, 70107, 50002, 50004, 51007, 'stuck', 'more', 'flagless']));
});
