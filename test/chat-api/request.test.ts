import { expect, test } from 'vitest';
import { call, clientFor, EMPTY_PAGE, serve, serveBytes } from './server.ts';
import { claimsOf, keyCredentials, SDK_APP_ID } from './signing.ts';

const whole = (response: { end(text: string): unknown }): unknown => response.end(EMPTY_PAGE);

test('a call is a POST with the documented path, query and body', async () => {
  const { endpoint, arrivals } = await serve((_, response) => whole(response));
  const page = await call(clientFor(endpoint), { userId: 'ü"\\\n', startIndex: 'next=1' });
  expect(page).toEqual({ contactItems: [], groupItems: [], next: null });
  const [arrival, ...others] = arrivals;
  if (arrival === undefined || others.length > 0) throw new Error('expected one request');
  expect(arrival.method).toBe('POST');
  expect(arrival.url.pathname).toBe('/v4/recentcontact/get_contact_group');
  expect([...arrival.url.searchParams.keys()]).toEqual([
    'sdkappid',
    'identifier',
    'usersig',
    'random',
    'contenttype',
  ]);
  const query = Object.fromEntries(arrival.url.searchParams);
  expect(query).toMatchObject({
    sdkappid: String(SDK_APP_ID),
    identifier: 'administrator',
    contenttype: 'json',
  });
  expect(claimsOf(query.usersig ?? '')).toMatchObject({ 'TLS.identifier': 'administrator' });
  expect(arrival.headers['content-type']).toBe('application/json');
  expect(JSON.parse(arrival.body)).toStrictEqual({ From_Account: 'ü"\\\n', StartIndex: 'next=1' });
});

test('random is an unsigned number of 32 bits, another one each time', async () => {
  const { endpoint, arrivals } = await serve((_, response) => whole(response));
  const client = clientFor(endpoint);
  await Promise.all(Array.from({ length: 200 }, () => call(client)));
  const randoms = arrivals.map(({ url }) => url.searchParams.get('random') ?? '');
  for (const random of randoms) {
    expect(random).toMatch(/^\d+$/);
    expect(Number(random)).toBeLessThan(2 ** 32);
  }
  expect(new Set(randoms).size).toBeGreaterThan(190);
  // With 31 bits, not one of 200 would be in the upper half.
  expect(randoms.some((random) => Number(random) >= 2 ** 31)).toBe(true);
});

test('calls share kept-alive connections, no more than allowed', async () => {
  const { endpoint, arrivals } = await serve((_, response) => whole(response));
  const client = clientFor(endpoint, { connections: 2 });
  await Promise.all(Array.from({ length: 50 }, () => call(client)));
  for (let n = 0; n < 10; n += 1) await call(client);
  expect(arrivals).toHaveLength(60);
  expect(new Set(arrivals.map(({ socket }) => socket)).size).toBeLessThanOrEqual(2);
});

test.each(["o'neil", 'a b&c=d#e/?%', '管理员', '!*()~', '"<>`{}|^', '+'])(
  'the identifier %j arrives unchanged, and its request is still noticed when it is written',
  async (identifier) => {
    const { endpoint, arrivals } = await serve((_, response) => whole(response));
    const client = clientFor(endpoint, { identifier, credentials: keyCredentials(identifier) });
    let sent = 0;
    await call(client, { onSent: () => (sent += 1) });
    expect(arrivals[0]?.url.searchParams.get('identifier')).toBe(identifier);
    expect(arrivals[0]?.url.searchParams.get('contenttype')).toBe('json');
    expect(sent).toBe(1);
  },
);

test('each request is reported once, when it is written and not when it is made', async () => {
  const order: string[] = [];
  const { endpoint } = await serve((arrival, response) => {
    const { From_Account } = JSON.parse(arrival.body) as { From_Account: string };
    order.push(`arrived ${From_Account}`);
    whole(response);
  });
  // One connection: the second request waits in the client until the first is answered.
  const client = clientFor(endpoint, { connections: 1 });
  const calls = ['a', 'b', 'c'].map((userId) => {
    const calling = call(client, { userId, onSent: () => order.push(`sent ${userId}`) });
    order.push(`asked ${userId}`);
    return calling;
  });
  await Promise.all(calls);
  expect(order).toEqual([
    'asked a',
    'asked b',
    'asked c',
    ...['a', 'b', 'c'].flatMap((userId) => [`sent ${userId}`, `arrived ${userId}`]),
  ]);
});

test('a request that is never written is never reported', async () => {
  const silent = await serveBytes(() => {});
  const client = clientFor(silent, { connections: 1, timeoutMs: 300 });
  const sent: string[] = [];
  const leaving = new AbortController();
  const outcomes = await Promise.allSettled([
    call(client, {
      onSent: () => {
        sent.push('first');
        // The other one waits for the only connection; once the first is over, it would be written.
        leaving.abort();
      },
    }),
    call(client, { signal: leaving.signal, onSent: () => sent.push('second') }),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(sent).toEqual(['first']);
});

test.each<[string, string, string]>([
  ['after an informational one', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', EMPTY_PAGE],
  ['that begins with a byte order mark', '', `\ufeff${EMPTY_PAGE}`],
])('an answer %s is read', async (_, before, body) => {
  const head = `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const client = clientFor(await serveBytes((socket) => socket.write(before + head + body)));
  expect(await call(client)).toEqual({ contactItems: [], groupItems: [], next: null });
});
