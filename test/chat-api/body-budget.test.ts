import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { call, clientFor, EMPTY_PAGE, errorOf, serve, serveBytes } from './server.ts';

const LONG = EMPTY_PAGE.replace('{', `{"Filler":"${'x'.repeat(256 * 1024)}",`);
const head = (length: number, more = ''): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n${more}\r\n`;
const WHOLE = head(EMPTY_PAGE.length) + EMPTY_PAGE;
const ROOM = 16 * 1024;
/** As much as all the room of these clients. */
const BEGINNING = head(LONG.length) + LONG.slice(0, ROOM);
const REST = LONG.slice(ROOM);

/** A promise, and what settles it. */
function signal<T>() {
  let give: (value: T) => void = () => {};
  const given = new Promise<T>((resolve) => {
    give = resolve;
  });
  return { give, given };
}

/** A server that answers each user's request as the test says. */
const serveUsers = (answer: (user: string, socket: Socket) => void): Promise<string> =>
  serveBytes((socket, data) => {
    const user = /"From_Account":"(\w+)"/.exec(data)?.[1];
    if (user !== undefined) answer(user, socket);
  });

/** A client whose room is full: the answer for `first` has begun, and does not go on. */
async function withFullRoom(
  answer: (user: string, socket: Socket) => void,
  options: { timeoutMs?: number; connections?: number } = {},
) {
  const begun = signal<Socket>();
  const endpoint = await serveUsers((user, socket) => {
    if (user === 'first') socket.write(BEGINNING, () => begun.give(socket));
    else answer(user, socket);
  });
  const client = clientFor(endpoint, { bodyBytes: ROOM, ...options });
  const first = call(client, { userId: 'first' });
  // Some tests let it fail after they have looked at others.
  first.catch(() => {});
  return { client, first, socket: await begun.given };
}

test('answers of which each is larger than all room are read one after the other, over the same connections', async () => {
  const { endpoint, arrivals } = await serve((_, response) => response.end(LONG));
  const client = clientFor(endpoint, { bodyBytes: 1, connections: 8 });
  const pages = await Promise.all(Array.from({ length: 24 }, () => call(client)));
  expect(pages).toHaveLength(24);
  expect(new Set(arrivals.map(({ socket }) => socket)).size).toBe(8);
});

test('an answer waits until the first is whole, and then is read', async () => {
  const order: string[] = [];
  const { client, first, socket } = await withFullRoom((_, other) => {
    // As this one is written, the first has been standing still; the rest of it comes later than all of this.
    other.write(WHOLE, () => socket.write(REST));
  });
  const second = call(client, { userId: 'second' });
  await Promise.all([first.then(() => order.push('first')), second.then(() => order.push('second'))]);
  expect(order).toEqual(['first', 'second']);
});

test('the time-out of a call stands still while its answer waits for room, and runs on afterwards', async () => {
  const others: Socket[] = [];
  const { client, first } = await withFullRoom(
    (_, socket) => {
      others.push(socket);
      // The one that waits before the other stands still as the first does. Their calls began in one turn, and so would end in one.
      if (others.length === 2) others[0]?.write(BEGINNING, () => others[1]?.write(WHOLE));
    },
    { timeoutMs: 500 },
  );
  const calls = await Promise.allSettled([first, ...['a', 'b'].map((userId) => call(client, { userId }))]);
  expect(calls[0]).toMatchObject({
    reason: { message: expect.stringContaining('no answer within 500 ms') },
  });
  expect(calls.slice(1).map(({ status }) => status)).toEqual(
    expect.arrayContaining(['fulfilled', 'rejected']),
  );
});

test.each(['end', 'resetAndDestroy'] as const)(
  'a connection that is lost (%s) while its answer waits fails that call alone',
  async (lose) => {
    const written = signal<Socket>();
    const { client, first, socket } = await withFullRoom((user, other) => {
      if (user === 'third') other.write(WHOLE);
      else other.write(`${head(LONG.length, 'connection: close\r\n')}{`, () => written.give(other));
    });
    const second = errorOf(call(client, { userId: 'second' }));
    (await written.given)[lose]();
    const third = call(client, { userId: 'third' });
    socket.write(REST);
    expect(await first).toMatchObject({ next: null });
    expect(await third).toMatchObject({ next: null });
    expect(await second).toMatchObject({ name: 'CallError', class: 'transient' });
  },
);

test('room is there again when the call that took it is aborted', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const begun = signal<void>();
  const endpoint = await serveUsers((user, socket) => {
    if (user === 'first') socket.write(BEGINNING, () => begun.give());
    else socket.write(WHOLE, () => controller.abort(reason));
  });
  const client = clientFor(endpoint, { bodyBytes: ROOM });
  const first = errorOf(call(client, { userId: 'first', signal: controller.signal }));
  await begun.given;
  expect(await call(client, { userId: 'second' })).toMatchObject({ next: null });
  expect(await first).toBe(reason);
});
