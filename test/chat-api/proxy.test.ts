import { expect, test } from 'vitest';
import { type Authority, type Certificate, makeAuthority } from '../support/certificates.ts';
import { type ProxyOptions, startProxy, startTlsFront, type TestProxy } from '../support/proxy.ts';
import {
  call,
  clientFor,
  EMPTY_PAGE,
  errorOf,
  failure,
  freePort,
  serve,
  serveBytes,
  shapesOf,
} from './server.ts';
import { secret } from './signing.ts';

const authority: Authority = await makeAuthority();
const certificate: Certificate = await authority.issue('chat.invalid');
const ca = [authority.ca];
const ENDPOINT = 'https://chat.invalid';

const variable = 'HTTPS_PROXY';
const through = (url: string, noProxy = '') => ({
  url: secret(url),
  shown: url.replace(/\/\/.*@/, '//'),
  variable,
  noProxy,
});

/** An API behind a proxy that leads every tunnel to it. */
async function behindProxy(
  options: Partial<ProxyOptions> = {},
  body: (sig: string) => string = () => EMPTY_PAGE,
) {
  const api = await serve(({ url }, response) => response.end(body(url.searchParams.get('usersig') ?? '')));
  const proxy = await startProxy({ to: await startTlsFront(certificate, api.endpoint), ...options });
  return { ...api, proxy };
}

const clientOf = (proxy: TestProxy, options: Parameters<typeof clientFor>[1] = {}) =>
  clientFor(ENDPOINT, { proxy: through(proxy.url), ca, ...options });

test('a call goes through the proxy, which sees the host and nothing of the call', async () => {
  const { proxy, arrivals } = await behindProxy();
  expect(await call(clientOf(proxy))).toMatchObject({ next: null });
  expect(arrivals).toHaveLength(1);
  expect(arrivals[0]?.headers.host).toBe('chat.invalid');
  expect(proxy.asked).toEqual([
    { authority: 'chat.invalid:443', headers: { host: 'chat.invalid:443', connection: 'keep-alive' } },
  ]);
});

test.each([
  ['Content-Length', 'Content-Length: 0\r\n'],
  ['Transfer-Encoding', 'Transfer-Encoding: chunked\r\n'],
  ['both', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
])('a tunnel opens although the answer to CONNECT has headers of a body: %s', async (_, headers) => {
  const { proxy } = await behindProxy({ answer: () => ({ status: 200, headers }) });
  expect(await call(clientOf(proxy))).toMatchObject({ next: null });
});

test('tunnels are kept alive, no more than connections are allowed', async () => {
  const { proxy, arrivals } = await behindProxy();
  const client = clientOf(proxy, { connections: 3 });
  for (let n = 0; n < 4; n += 1) {
    await Promise.all(Array.from({ length: 20 }, () => call(client)));
    expect(proxy.open.size).toBeLessThanOrEqual(3);
  }
  expect(arrivals).toHaveLength(80);
  expect(proxy.asked).toHaveLength(3);
});

test('a proxy that does not answer is asked for no more tunnels than connections are allowed', async () => {
  const { proxy } = await behindProxy({ answer: () => null });
  const client = clientOf(proxy, { connections: 2 });
  const calls = Array.from({ length: 6 }, () => errorOf(call(client)));
  await expect.poll(() => proxy.asked.length).toBe(2);
  // If the others had been requested at the same time, they would be there before the end of a whole call to another host.
  const { endpoint } = await serve((_, response) => response.end(EMPTY_PAGE));
  await call(clientFor(endpoint));
  expect(proxy.asked).toHaveLength(2);
  await client.close();
  for (const error of await Promise.all(calls)) expect(error).toMatchObject({ class: 'transient' });
  await expect.poll(() => proxy.open.size).toBe(0);
});

test('a request is reported when it is written into the tunnel, not when the tunnel is requested', async () => {
  const order: string[] = [];
  const { proxy } = await behindProxy({
    answer: () => {
      order.push('asked for a tunnel');
      return { status: 200 };
    },
  });
  const client = clientOf(proxy, { connections: 1 });
  await Promise.all(
    ['a', 'b'].map((userId) => call(client, { userId, onSent: () => order.push(`sent ${userId}`) })),
  );
  expect(order).toEqual(['asked for a tunnel', 'sent a', 'sent b']);
});

test('a request whose tunnel is refused is never reported', async () => {
  const { proxy } = await behindProxy({ answer: () => ({ status: 502 }) });
  let sent = 0;
  await errorOf(call(clientOf(proxy), { onSent: () => (sent += 1) }));
  expect(sent).toBe(0);
});

test('plain http on this machine goes around every proxy', async () => {
  const { proxy, endpoint, arrivals } = await behindProxy();
  await call(clientFor(endpoint, { proxy: through(proxy.url) }));
  expect(arrivals).toHaveLength(1);
  expect(proxy.asked).toEqual([]);
});

test('so does a host that NO_PROXY lists', async () => {
  const { proxy, endpoint } = await behindProxy();
  const loopback = await authority.issue('127.0.0.1');
  const port = await startTlsFront(loopback, endpoint);
  await call(
    clientFor(`https://127.0.0.1:${port}`, { proxy: through(proxy.url, `x,127.0.0.1:${port}`), ca }),
  );
  expect(proxy.asked).toEqual([]);
});

test.each([
  ['a user and a password', 'scott:t%2Figer!', 'scott:t/iger!'],
  ['a user without a password', 'scott', 'scott:'],
])('%s go to the proxy and no further', async (_, typed, pair) => {
  const { proxy, arrivals } = await behindProxy();
  await call(clientFor(ENDPOINT, { proxy: through(proxy.url.replace('//', `//${typed}@`)), ca }));
  const expected = `Basic ${Buffer.from(pair).toString('base64')}`;
  expect(proxy.asked[0]?.headers['proxy-authorization']).toBe(expected);
  expect(arrivals[0]?.headers).not.toHaveProperty('proxy-authorization');
});

test('a proxy may be spoken to in TLS', async () => {
  const { proxy, arrivals } = await behindProxy({ certificate: await authority.issue('127.0.0.1') });
  expect(proxy.url).toMatch(/^https:/);
  expect(await call(clientOf(proxy))).toMatchObject({ next: null });
  expect(arrivals).toHaveLength(1);
});

test.each([
  [407, '', 'configuration', /it asks for a user and a password: HTTPS_PROXY=http:\/\/USER:PASSWORD@127/],
  [
    407,
    'Proxy-Authenticate: NTLM\r\n',
    'configuration',
    /with 407; it asks for an authentication scheme other than Basic/,
  ],
  [403, '', 'configuration', /with 403; .*check HTTPS_PROXY and NO_PROXY$/],
  [404, '', 'configuration', /with 404; it is not a proxy for this host/],
  [501, '', 'configuration', /with 501; /],
  [302, 'Location: http://login.invalid/\r\n', 'configuration', /with 302; /],
  [502, '', 'transient', /with 502; check the proxy$/],
  [503, '', 'transient', /with 503; check the proxy$/],
  [429, '', 'transient', /with 429; check the proxy$/],
])('a proxy that refuses with %i (%j) is of class %s', async (status, headers, errorClass, message) => {
  const { proxy } = await behindProxy({ answer: () => ({ status, headers }) });
  const error = await errorOf(call(clientOf(proxy)));
  expect(error).toMatchObject({ name: 'CallError', class: errorClass, code: null });
  expect(error.message).toMatch(message);
  expect(error.message).toContain(`the proxy ${proxy.url} (HTTPS_PROXY) answers CONNECT chat.invalid:443`);
});

test('a proxy that let calls through and then refuses has trouble of its own', async () => {
  let refuses = false;
  const { proxy } = await behindProxy({ answer: () => ({ status: refuses ? 407 : 200 }) });
  const client = clientOf(proxy);
  await call(client);
  refuses = true;
  for (const tunnel of proxy.open) tunnel.destroy();
  const errors = [await errorOf(call(client)), await errorOf(call(client))];
  expect(errors.map(({ message }) => message).join()).toContain('with 407');
  for (const error of errors) expect(error).toMatchObject({ class: 'transient' });
});

test('a proxy that is down is a passing fault, which says what was tried', async () => {
  const proxy = through(`http://127.0.0.1:${await freePort()}`);
  const error = await errorOf(call(clientFor(ENDPOINT, { proxy, ca })));
  expect(error).toMatchObject({ class: 'transient' });
  const address = proxy.shown.replace('http://', '');
  expect(error.message).toBe(
    `the proxy ${proxy.shown} (HTTPS_PROXY): connect ECONNREFUSED ${address}; check the proxy`,
  );
});

test('a proxy whose name is not known is a passing fault', async () => {
  const error = await errorOf(
    call(clientFor(ENDPOINT, { proxy: through('http://proxy.invalid:3128'), ca, nameAdvice: 'ADVICE' })),
  );
  expect(error).toMatchObject({ class: 'transient' });
  expect(error.message).toMatch(/^the proxy http:\/\/proxy\.invalid:3128 \(HTTPS_PROXY\): getaddrinfo/);
  expect(error.message).not.toContain('ADVICE');
});

test('a proxy that does not answer is a transient error with its name, and the next call connects again', async () => {
  let answers = false;
  const { proxy } = await behindProxy({ answer: () => (answers ? { status: 200 } : null) });
  const client = clientOf(proxy, { connections: 1, timeoutMs: 400 });
  const error = await errorOf(call(client));
  expect(error).toMatchObject({ class: 'transient' });
  expect(error.message).toMatch(/the proxy http:\S+ \(HTTPS_PROXY\).* within 400 ms; /);
  answers = true;
  // The first one's tunnel may be given up a moment after its call.
  const next = await call(client).catch(() => call(client));
  expect(next).toMatchObject({ next: null });
});

test.each([
  ['at once', ''],
  ['after half an answer', 'HTTP/1.1 200 Conn'],
  ['within the TLS of the API', 'HTTP/1.1 200 OK\r\n\r\n'],
  ['after bytes that are no TLS', 'HTTP/1.1 200 OK\r\n\r\nSSH-2.0'],
])('a proxy that hangs up %s is a passing fault', async (_, sent) => {
  for (const reset of [false, true]) {
    const url = await serveBytes((socket) => {
      if (!reset) socket.end(sent);
      else socket.write(sent, () => socket.resetAndDestroy());
    });
    const error = await errorOf(call(clientFor(ENDPOINT, { proxy: through(url), ca, timeoutMs: 5_000 })));
    expect(error).toMatchObject({ name: 'CallError', class: 'transient' });
    expect(error.message).not.toContain('within 5000 ms');
    expect(error.message).toContain('(HTTPS_PROXY)');
  }
});

test('what does not speak HTTP is not taken for a proxy', async () => {
  const url = await serveBytes((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
  const error = await errorOf(call(clientFor(ENDPOINT, { proxy: through(url), ca })));
  expect(error).toMatchObject({ class: 'configuration' });
  expect(error.message).toMatch(/does not answer in HTTP \(HPE_\w+\); is this the port of the proxy\?$/);
});

test("an untrusted certificate says whose it is: the proxy's or the API's", async () => {
  const { proxy } = await behindProxy({ certificate: await authority.issue('127.0.0.1') });
  const ofProxy = await errorOf(call(clientOf(proxy, { ca: [] })));
  expect(ofProxy).toMatchObject({ class: 'configuration' });
  expect(ofProxy.message).toMatch(
    /^the proxy https:\S+ \(HTTPS_PROXY\) cannot be trusted: .*--ca-file FILE$/,
  );
  const plain = await behindProxy();
  const ofApi = await errorOf(call(clientOf(plain.proxy, { ca: [] })));
  expect(ofApi).toMatchObject({ class: 'configuration' });
  expect(ofApi.message).toMatch(
    /^https:\/\/chat\.invalid through the proxy .* cannot be trusted: .*--ca-file FILE$/,
  );
});

test("a proxy's own certificate for another name, or an expired one, is reported as the proxy's", async () => {
  const other = await behindProxy({ certificate: await authority.issue('other.invalid') });
  const otherName = await errorOf(call(clientOf(other.proxy, { nameAdvice: 'ADVICE' })));
  expect(otherName).toMatchObject({ class: 'configuration' });
  expect(otherName.message).toMatch(
    /^the proxy https:.* does not match .*ERR_TLS_CERT_ALTNAME_INVALID\); check which server answers there$/,
  );
  const old = await behindProxy({ certificate: await authority.issue('127.0.0.1', { isExpired: true }) });
  const expired = await errorOf(call(clientOf(old.proxy)));
  expect(expired.message).toMatch(/^the proxy https:.*certificate has expired/);
});

const PASSWORD = 'hunter2-and-more';
const ECHO = Buffer.from(`scott:${PASSWORD}`).toString('base64');

test.each<[string, (request: string) => string]>([
  ['in the reason of a refusal', (request) => `HTTP/1.1 403 ${request.replaceAll('\r\n', ' ')}\r\n\r\n`],
  [
    'in the headers of a refusal',
    (request) => `HTTP/1.1 407 No\r\nProxy-Authenticate: ${request.replaceAll('\r\n', ' ')}\r\n\r\n`,
  ],
  ['in bytes that are no HTTP', (request) => request],
  ['in a head that breaks off', (request) => `HTTP/1.1 200 ${request}`],
  ['in the place of the TLS', (request) => `HTTP/1.1 200 OK\r\n\r\n${request}`],
])('a password that the proxy quotes %s is in no error', async (_, echo) => {
  const url = await serveBytes((socket, data) => socket.end(echo(`${data} ${PASSWORD}`)));
  const proxy = { ...through(url), url: secret(url.replace('//', `//scott:${PASSWORD}@`)) };
  const shapes = shapesOf(await errorOf(call(clientFor(ENDPOINT, { proxy, ca, timeoutMs: 5_000 }))));
  expect(shapes).toContain(url);
  expect(shapes).not.toContain(PASSWORD);
  expect(shapes).not.toContain(ECHO);
});

test('a proxy that reads along and quotes its password within an answer is not repeated', async () => {
  const { proxy } = await behindProxy({}, (sig) => failure(50_004, `${PASSWORD} ${ECHO} ${sig} end`));
  const url = proxy.url.replace('//', `//scott:${PASSWORD}@`);
  const error = await errorOf(call(clientFor(ENDPOINT, { proxy: through(url), ca })));
  expect(error).toMatchObject({ code: 50_004, info: '[secret] [secret] [usersig] end' });
  expect(shapesOf(error)).not.toContain(PASSWORD);
});
