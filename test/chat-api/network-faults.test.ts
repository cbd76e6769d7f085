import { expect, test } from 'vitest';
import { transportError } from '../../src/chat-api/transport-error.ts';
import { call, clientFor, EMPTY_PAGE, errorOf, failure, freePort, serve, serveBytes } from './server.ts';

const head = (length: number): string => `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`;

test('a server that does not answer in time is a passing fault', async () => {
  const client = clientFor(await serveBytes(() => {}), { timeoutMs: 100 });
  expect(await errorOf(call(client))).toMatchObject({ class: 'transient', code: null });
});

test('the time-out covers the body to its last byte', async () => {
  const client = clientFor(await serveBytes((socket) => socket.write(`${head(100)}{`)), { timeoutMs: 200 });
  const error = await errorOf(call(client));
  expect(error).toMatchObject({ class: 'transient' });
  expect(error.message).toContain('no answer within 200 ms');
});

test.each<[string, string]>([
  ['nothing', ''],
  ['half a head', 'HTTP/1.1 200 OK\r\ncontent-le'],
  ['a head and no body', head(1000)],
  ['half a body', head(1000) + EMPTY_PAGE],
  ['half of a chunked body', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n100\r\n{"Act'],
  ['a chunk of no length', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['too many headers', `HTTP/1.1 200 OK\r\n${'x-filler: 0123456789\r\n'.repeat(2_000)}\r\n`],
])('a connection that ends after %s is a passing fault', async (_, sent) => {
  const client = clientFor(await serveBytes((socket) => socket.end(sent, 'latin1')));
  expect(await errorOf(call(client))).toMatchObject({ name: 'CallError', class: 'transient', code: null });
});

test('a connection that is reset is a passing fault', async () => {
  const client = clientFor(await serveBytes((socket) => socket.resetAndDestroy()));
  expect(await errorOf(call(client))).toMatchObject({ class: 'transient' });
});

test('a connection that is refused is a passing fault, and the message says where', async () => {
  const port = await freePort();
  const error = await errorOf(call(clientFor(`http://127.0.0.1:${port}`)));
  expect(error).toMatchObject({ class: 'transient' });
  expect(error.message).toContain(`127.0.0.1:${port}`);
});

test('after a lost connection the next call opens another one', async () => {
  let connections = 0;
  const client = clientFor(
    await serveBytes((socket) => {
      connections += 1;
      if (connections === 1) socket.destroy();
      else socket.write(head(EMPTY_PAGE.length) + EMPTY_PAGE);
    }),
  );
  await errorOf(call(client));
  expect(await call(client)).toMatchObject({ next: null });
});

test('a body of over 8 MiB is cut off as malformed, one just below it is read', async () => {
  const page = (filler: number): string => EMPTY_PAGE.replace('{', `{"Filler":"${'x'.repeat(filler)}",`);
  const { endpoint } = await serve(({ body }, response) => {
    response.end(page(body.includes('large') ? 9 * 1024 * 1024 : 7 * 1024 * 1024));
  });
  const client = clientFor(endpoint);
  expect(await errorOf(call(client, { userId: 'large' }))).toMatchObject({ class: 'malformed' });
  expect(await call(client, { userId: 'small' })).toMatchObject({ next: null });
});

test.each([
  [502, '<html>Bad Gateway</html>', 'transient'],
  [503, '', 'transient'],
  [429, 'slow down', 'limit'],
  [200, '<html>Welcome to the hotel</html>', 'malformed'],
  [200, '', 'malformed'],
  [500, failure(60_007), 'limit'],
  [500, failure(50_001), 'not-in-app'],
  [403, failure(60_021), 'configuration'],
  [429, failure(50_004), 'transient'],
])('HTTP status %i with the body %j is of class %s', async (status, body, errorClass) => {
  const { endpoint } = await serve((_, response) => response.writeHead(status).end(body));
  expect(await errorOf(call(clientFor(endpoint)))).toMatchObject({ name: 'CallError', class: errorClass });
});

test('an answer is an answer, whatever the HTTP status says', async () => {
  const { endpoint } = await serve((_, response) => response.writeHead(500).end(EMPTY_PAGE));
  expect(await call(clientFor(endpoint))).toMatchObject({ next: null });
});

test.each([
  ['ECONNRESET', 'transient'],
  ['ENOTFOUND', 'transient'],
  ['EAI_AGAIN', 'transient'],
  ['UND_ERR_CONNECT_TIMEOUT', 'transient'],
  ['CERT_HAS_EXPIRED', 'configuration'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'configuration'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'configuration'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'configuration'],
  ['ERR_INVALID_ARG_TYPE', undefined],
  ['ERR_INVALID_URL', undefined],
  ['UND_ERR_INVALID_ARG', undefined],
  ['', undefined],
])('the code %j is of class %j', (code, errorClass) => {
  const error = Object.assign(new Error('why'), { code });
  expect(transportError(error, 'https://chat.example.com')?.class).toBe(errorClass);
});

test('an error without a cause in the network is not a call error', () => {
  expect(transportError(new TypeError('a bug'), 'x')).toBeNull();
  expect(transportError('ECONNRESET', 'x')).toBeNull();
});
