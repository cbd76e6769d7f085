import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { call, clientFor, EMPTY_PAGE, errorOf, serveBytes } from './server.ts';

const body = (text: string): string => `Content-Length: ${text.length}\r\n\r\n${text}`;
const ANSWER = `HTTP/1.1 200 OK\r\n${body(EMPTY_PAGE)}`;

/** A server that answers each request with these bytes; each is one that a socket may break anywhere. */
const serving = (answer: (socket: Socket) => void): Promise<string> =>
  serveBytes((socket, data) => {
    if (data.includes('From_Account')) answer(socket);
  });

test.each([
  ['100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['100 without a reason', 'HTTP/1.1 100\r\n\r\n'],
  ['100 with headers', 'HTTP/1.1 100 Continue\r\nServer: a\r\nX: 1\r\n\r\n'],
  ['three in a row', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(3)],
  [
    '100, 102 and 103',
    'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
  ],
  ['102 Processing', 'HTTP/1.1 102 Processing\r\n\r\n'],
  ['103 Early Hints', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
])('an answer is read past what comes before it: %s', async (_, before) => {
  const connections = new Set<Socket>();
  const endpoint = await serving((socket) => {
    connections.add(socket);
    socket.write(before + ANSWER);
  });
  const client = clientFor(endpoint, { connections: 1 });
  for (let i = 0; i < 3; i += 1) await call(client);
  expect(connections.size).toBe(1);
});

test('it is read past in whatever pieces it comes', async () => {
  const bytes = `HTTP/1.1 100 Continue\r\nX: y\r\n\r\n${ANSWER}`;
  const endpoint = await serving((socket) => {
    socket.setNoDelay(true);
    let at = 0;
    const next = (): void => {
      if (at === bytes.length || socket.destroyed) return;
      socket.write(bytes[at] ?? '', () => setImmediate(next));
      at += 1;
    };
    next();
  });
  const client = clientFor(endpoint, { connections: 1 });
  for (let i = 0; i < 2; i += 1) expect((await call(client)).next).toBeNull();
});

test('similar bytes within a body are unchanged', async () => {
  const page = `${EMPTY_PAGE.slice(0, -1)},"ContactItem":["\\r\\n\\r\\nHTTP/1.1 100 Continue"]}`;
  const endpoint = await serving((socket) => socket.write(`HTTP/1.1 200 OK\r\n${body(page)}`));
  const client = clientFor(endpoint, { connections: 1 });
  for (let i = 0; i < 2; i += 1) {
    expect((await call(client)).contactItems).toEqual(['\r\n\r\nHTTP/1.1 100 Continue']);
  }
});

test('interim answers without end are ended by the time-out of the call', async () => {
  const endpoint = await serving((socket) => {
    const send = (): void => {
      if (!socket.destroyed) socket.write('HTTP/1.1 100 Continue\r\n\r\n', () => setImmediate(send));
    };
    send();
  });
  const error = await errorOf(call(clientFor(endpoint, { timeoutMs: 300 })));
  expect(error).toMatchObject({ class: 'transient' });
  expect(error.message).toMatch(/no answer within 300 ms/);
});

test('an unexpected switch of protocols counts as a broken connection', async () => {
  const endpoint = await serving((socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
  );
  expect(await errorOf(call(clientFor(endpoint)))).toMatchObject({ class: 'transient' });
});
