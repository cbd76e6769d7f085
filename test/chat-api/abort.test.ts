import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { call, clientFor, EMPTY_PAGE, errorOf, serve, serveBytes } from './server.ts';

test("an aborted call throws the signal's reason", async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const client = clientFor(await serveBytes(() => controller.abort(reason)));
  expect(await errorOf(call(client, { signal: controller.signal }))).toBe(reason);
});

test('so does one whose body is under way', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const client = clientFor(
    await serveBytes((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{', () => controller.abort(reason));
    }),
  );
  expect(await errorOf(call(client, { signal: controller.signal }))).toBe(reason);
});

test('a signal that was aborted before makes no request', async () => {
  const { endpoint, arrivals } = await serve((_, response) => response.end(EMPTY_PAGE));
  const client = clientFor(endpoint);
  const reason = new Error('enough');
  let sent = 0;
  const aborted = { signal: AbortSignal.abort(reason), onSent: () => (sent += 1) };
  expect(await errorOf(call(client, aborted))).toBe(reason);
  await call(client);
  expect(arrivals).toHaveLength(1);
  expect(sent).toBe(0);
});

test('a call leaves no listener behind at a signal that outlives it', async () => {
  const { endpoint } = await serve(({ body }, response) => {
    response.end(body.includes('bad') ? 'x' : EMPTY_PAGE);
  });
  const client = clientFor(endpoint);
  const { signal } = new AbortController();
  await call(client, { signal });
  await errorOf(call(client, { signal, userId: 'bad' }));
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
