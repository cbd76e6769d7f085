import { expect, test } from 'vitest';
import { type Page, PaginationError, type StartIndex } from '../../src/chat-api/answer.ts';
import { CallError } from '../../src/chat-api/call-error.ts';
import { pullPages } from '../../src/chat-api/pull-pages.ts';

/** A user whose pages give these indexes one after the other; remembers what was asked for. */
function user(...nexts: (StartIndex | null)[]) {
  const asked: [string, StartIndex][] = [];
  const call = async (userId: string, index: StartIndex): Promise<Page> => {
    const next = nexts[asked.length];
    asked.push([userId, index]);
    if (next === undefined) throw new Error('asked for more pages than there are');
    return { contactItems: [asked.length], groupItems: [], next };
  };
  return { call, asked };
}

test.each<[(StartIndex | null)[]]>([
  [[null]],
  [[100, 200, null]],
  [['100', 'opaque=', '', null]],
  [[100, 50, -1, null]],
  [['100', 100, null]],
])('pages are asked for from 0 on, each next index as it came: %j', async (nexts) => {
  const { call, asked } = user(...nexts);
  const pages = await pullPages('user0', call, 100);
  expect(pages.map((page) => page.contactItems)).toEqual(nexts.map((_, n) => [n + 1]));
  expect(asked).toEqual([0, ...nexts.slice(0, -1)].map((index) => ['user0', index]));
});

test.each<[(StartIndex | null)[], number]>([
  [[0], 1],
  [[100, 100], 2],
  [[100, 200, 100], 3],
  [['a', 'b', 'a'], 3],
  [[100, 0], 2],
])('an index that was read already is a pagination error at once: %j', async (nexts, calls) => {
  const { call, asked } = user(...nexts);
  await expect(pullPages('user0', call, 100)).rejects.toThrow(PaginationError);
  expect(asked).toHaveLength(calls);
});

test('pages without end stop at the most that are allowed', async () => {
  let calls = 0;
  const endless = async (): Promise<Page> => {
    calls += 1;
    return { contactItems: [], groupItems: [], next: calls };
  };
  await expect(pullPages('user0', endless, 7)).rejects.toThrow(/after 7 pages.*--max-pages/);
  expect(calls).toBe(7);
});

test('as many pages as are allowed are accepted', async () => {
  expect(await pullPages('user0', user(1, 2, null).call, 3)).toHaveLength(3);
  expect(await pullPages('user0', user(null).call, 1)).toHaveLength(1);
});

test('a call that fails fails the user with the same error', async () => {
  const error = new CallError({ class: 'transient', message: 'no' });
  const call = async (_: string, index: StartIndex): Promise<Page> => {
    if (index === 5) throw error;
    return { contactItems: [], groupItems: [], next: 5 };
  };
  await expect(pullPages('user0', call, 100)).rejects.toBe(error);
});

test('a message does not repeat an index without end, nor its line ends', async () => {
  const index = `a\n${'x'.repeat(100_000)}`;
  const error: unknown = await pullPages('user0', user(index, index).call, 100).catch((e: unknown) => e);
  if (!(error instanceof PaginationError)) throw error;
  expect(error.message).not.toContain('\n');
  expect(error.message.length).toBeLessThan(300);
});
