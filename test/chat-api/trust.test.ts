import { expect, test } from 'vitest';
import { makeAuthority } from '../support/certificates.ts';
import { startTlsFront } from '../support/proxy.ts';
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

test('an expired certificate is reported as such', async () => {
  const endpoint = await api('127.0.0.1', { isExpired: true });
  const error = await errorOf(call(clientFor(endpoint, { ca: [authority.ca] })));
  expect(error).toMatchObject({ class: 'configuration' });
  expect(error.message).toMatch(/certificate has expired \(CERT_HAS_EXPIRED\); check this machine's clock/);
});

const nameAdvice = 'look at the DNS';

test("a certificate for another name brings the advice on the host's name", async () => {
  const endpoint = await api('other.invalid');
  const error = await errorOf(call(clientFor(endpoint, { ca: [authority.ca], nameAdvice })));
  expect(error).toMatchObject({ class: 'configuration' });
  expect(error.message).toMatch(/\(ERR_TLS_CERT_ALTNAME_INVALID\); look at the DNS$/);
});

test('so does a name that does not resolve, which stays a passing fault', async () => {
  const error = await errorOf(call(clientFor('https://chat.invalid', { nameAdvice })));
  expect(error).toMatchObject({ class: 'transient' });
  expect(error.message).toMatch(
    /^https:\/\/chat\.invalid: getaddrinfo (ENOTFOUND|EAI_AGAIN) .*; look at the DNS$/,
  );
});

test('an untrusted certificate for the right name does not', async () => {
  const error = await errorOf(call(clientFor(await api('127.0.0.1'), { nameAdvice })));
  expect(error.message).not.toContain('DNS');
});
