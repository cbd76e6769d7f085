import { expect, test } from 'vitest';
import { expectedUserRows } from '../../src/simulator/content/expected-rows.ts';
import { pageStartIndex } from '../../src/simulator/content/start-index.ts';
import { unreadableWays } from '../../src/simulator/content/unreadable.ts';
import { userId } from '../../src/simulator/content/user-id.ts';
import { readOptions } from '../../src/simulator/options/read-options.ts';
import { type Caller, withSimulator } from './calling.ts';
import { isReadable, rowsOfExpected, rowsOfPages } from './reading.ts';

const options = readOptions({
  seed: 5,
  users: 600,
  rate: 1_000_000,
  oddities: true,
  empty: 0.1,
  unreadable: 0.3,
  unknownTypes: 0.3,
});

/** The bodies of all pages of a user, as they come. */
const bodies = async (caller: Caller, index: number): Promise<string[]> => {
  const all: string[] = [];
  for (;;) {
    const body = {
      From_Account: userId(index, options.oddUserIds),
      StartIndex: pageStartIndex(options.seed, index, all.length),
    };
    const { text } = await caller.send({ body });
    all.push(text);
    if (text.includes('"CompleteFlag":1,')) return all;
  }
};

const isUnknown = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && 'Type' in item && ![1, 2].includes(Number(item.Type));

test('the expected rows name the users with unreadable pages, with unknown Types, and hold what else these users have', async () => {
  await using caller = await withSimulator(options);
  const seen = new Set<string>();
  for (let index = 0; index < options.users; index++) {
    const rows = [...expectedUserRows(options, index)];
    const why = rows.flatMap(({ table, row }) => (table === 'odd_users' ? [row.why] : []));
    const pages = await bodies(caller, index);
    expect(pages.every(isReadable)).toBe(!rows.some(({ table }) => table === 'unexported_users'));
    for (const one of why) seen.add(one);
    if (!pages.every(isReadable)) {
      expect(why).toHaveLength(1);
      expect(rows).toContainEqual({
        table: 'unexported_users',
        row: expect.objectContaining({ kind: 'unreadable', error_code: null }),
      });
      continue;
    }
    const parsed = pages.map((page) => JSON.parse(page));
    const unknown = parsed.flatMap((page) => page.ContactItem ?? []).filter(isUnknown);
    expect(why).toEqual(unknown.length > 0 ? ['unknown_type'] : []);
    expect(rowsOfPages(userId(index, options.oddUserIds), parsed)).toEqual(rowsOfExpected(rows));
  }
  expect(seen).toEqual(new Set([...unreadableWays, 'unknown_type']));
});

test('a number beyond 64 bits is in the body digit by digit', async () => {
  await using caller = await withSimulator(options);
  const found: string[] = [];
  for (let index = 0; index < options.users; index++) {
    for (const body of await bodies(caller, index)) {
      found.push(...(body.match(/"\w+":(?:\[1,)?9223372036854775808[,}\]]/g) ?? []));
    }
  }
  for (const field of ['Timestamp', 'ContactGroupId', 'GroupId']) {
    expect(found.filter((text) => text.startsWith(`"${field}"`)).length).toBeGreaterThan(0);
  }
});

test('unknown Types come as numbers and as text, with peers of their own and those of conversations', async () => {
  await using caller = await withSimulator({ ...options, oddities: false, unreadable: 0 });
  const types = new Set<unknown>();
  let doubles = 0;
  for (let index = 0; index < 200; index++) {
    for (const page of await caller.pages(userId(index, options.oddUserIds))) {
      const [items, known] = [page.ContactItem ?? [], page.ContactItem?.filter((item) => !isUnknown(item))];
      for (const item of items) types.add(item.Type);
      const peers = new Set(known?.map((item) => item.To_Account ?? item.ToGroupId));
      doubles += items.filter(
        (item) => isUnknown(item) && peers.has(item.To_Account ?? item.ToGroupId),
      ).length;
    }
  }
  expect(types).toEqual(new Set([1, 2, 3, '3', 0, '12', -1, 4_294_967_297]));
  expect(doubles).toBeGreaterThan(5);
});
