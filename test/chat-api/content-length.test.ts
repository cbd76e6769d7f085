import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { transportError } from '../../src/chat-api/transport-error.ts';

test.each([
  ['twice with the same value', 'Content-Length: 2\r\nContent-Length: 2'],
  ['twice with two values', 'Content-Length: 2\r\nContent-Length: 5'],
  ['twice in two cases', 'content-length: 2\r\nCONTENT-LENGTH: 2'],
  ['three times', 'Content-Length: 2\r\nContent-Length: 2\r\nContent-Length: 2'],
  ['as a list of values', 'Content-Length: 2, 2'],
])('an answer with Content-Length %s is reported as such', async (_, headers) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n{}`));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const error = await request(`http://127.0.0.1:${port}/`)
    .then(({ body }) => body.text())
    .catch((thrown: unknown) => thrown);
  server.close();
  expect(transportError(error, 'the API')).toMatchObject({
    class: 'transient',
    message: expect.stringContaining('the answer has more than one Content-Length'),
  });
});
