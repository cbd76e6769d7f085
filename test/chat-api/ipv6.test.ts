import { lookup } from 'node:dns/promises';
import { describe, expect, test } from 'vitest';
import { hasIpv6Loopback } from '../support/ipv6.ts';
import { startProxy } from '../support/proxy.ts';
import { call, clientFor, EMPTY_PAGE, errorOf, freePort, serve } from './server.ts';
import { secret } from './signing.ts';

const addresses = (await lookup('localhost', { all: true }).catch(() => [])).map(({ address }) => address);

describe.skipIf(!hasIpv6Loopback)('an API at an IPv6 address (needs ::1)', () => {
  test('is called', async () => {
    const { endpoint, arrivals } = await serve((_, response) => response.end(EMPTY_PAGE), '::1');
    expect(endpoint).toMatch(/^http:\/\/\[::1\]:/);
    expect(await call(clientFor(endpoint))).toMatchObject({ next: null });
    expect(arrivals[0]?.headers.host).toBe(endpoint.replace('http://', ''));
  });

  test('is asked for by that address at a proxy', async () => {
    const { url, asked } = await startProxy({ to: 1, answer: () => ({ status: 502 }) });
    const proxy = { url: secret(url), shown: url, variable: 'HTTPS_PROXY', noProxy: '::1' };
    await errorOf(call(clientFor('https://[2001:db8::5]', { proxy })));
    expect(asked.map((one) => one.authority)).toEqual(['[2001:db8::5]:443']);
  });
});

describe.skipIf(!addresses.includes('::1') || !addresses.includes('127.0.0.1'))(
  'an API whose name has both an IPv6 and an IPv4 address (needs a localhost with both)',
  () => {
    test.each(['::1', '127.0.0.1'])('is called where it answers at %s alone', async (host) => {
      const { endpoint } = await serve((_, response) => response.end(EMPTY_PAGE), host);
      const { port } = new URL(endpoint);
      expect(await call(clientFor(`http://localhost:${port}`))).toMatchObject({ next: null });
    });

    test('says what was tried where it answers at neither', async () => {
      const port = await freePort();
      const error = await errorOf(call(clientFor(`http://localhost:${port}`)));
      expect(error.message).toContain(`ECONNREFUSED ::1:${port}`);
      expect(error.message).toContain(`ECONNREFUSED 127.0.0.1:${port}`);
    });
  },
);
