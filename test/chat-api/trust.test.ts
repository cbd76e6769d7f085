import { expect, test } from 'vitest';
import { makeAuthority } from '../ground/certificates.ts';
import { startTlsFront } from '../ground/proxy.ts';
import { call, clientFor, EMPTY_PAGE, errorOf, serve } from './server.ts';

const authority = await makeAuthority();

const api = async (host: string, options?: { readonly isExpired?: boolean }): Promise<string> => {
  const { endpoint } = await serve((_, response) => response.end(EMPTY_PAGE));
  const port = await startTlsFront(await authority.issue(host, options), endpoint);
  return `https://127.0.0.1:${port}`;
};

test('an API whose authority is given is trusted', async () => {
  const client = clientFor(await api('127.0.0.1'), { ca: [(await makeAuthority()).ca, authority.ca] });
  expect(await call(client)).toMatchObject({ next: null });
});

test('without it, or with another one, the call is refused, and the message names the option', async () => {
  const endpoint = await api('127.0.0.1');
  for (const ca of [[], [(await makeAuthority()).ca]]) {
    const error = await errorOf(call(clientFor(endpoint, { ca })));
    expect(error).toMatchObject({ class: 'configuration' });
    expect(error.message).toMatch(/cannot be trusted: .*; if a proxy or a firewall .* --ca-file FILE$/);
  }
});

test('a certificate that has expired is told as such', async () => {
  const endpoint = await api('127.0.0.1', { isExpired: true });
  const error = await errorOf(call(clientFor(endpoint, { ca: [authority.ca] })));
  expect(error).toMatchObject({ class: 'configuration' });
  expect(error.message).toMatch(
    /certificate has expired \(CERT_HAS_EXPIRED\); see whether this machine's clock/,
  );
});
