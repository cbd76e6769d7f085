import { expect, test } from 'vitest';
import { transportError } from '../../src/chat-api/transport-error.ts';
import { call, clientFor, EMPTY_PAGE, errorOf, serve } from './server.ts';

test.each([301, 403, 404, 407])(
  'HTTP %i before any answer says that the address is wrong',
  async (status) => {
    const { endpoint } = await serve((_, response) => response.writeHead(status).end('<html>'));
    const error = await errorOf(call(clientFor(endpoint)));
    expect(error).toMatchObject({ class: 'configuration' });
    expect(error.message).toMatch(new RegExp(`HTTP status ${status}; is this the address of the API`));
  },
);

test('HTTP 403 after an answer is a passing fault of what stands between', async () => {
  let calls = 0;
  const { endpoint } = await serve((_, response) => {
    calls += 1;
    if (calls === 1) response.end(EMPTY_PAGE);
    else response.writeHead(403).end();
  });
  const client = clientFor(endpoint);
  await call(client);
  expect(await errorOf(call(client))).toMatchObject({ class: 'transient' });
});

test('a web page with HTTP 200 is not an answer: a later error may still say that the address is wrong', async () => {
  let calls = 0;
  const { endpoint } = await serve((_, response) => {
    calls += 1;
    response.writeHead(calls === 1 ? 200 : 404).end('<html>');
  });
  const client = clientFor(endpoint);
  expect(await errorOf(call(client))).toMatchObject({ class: 'malformed' });
  expect(await errorOf(call(client))).toMatchObject({ class: 'configuration' });
});

const tlsError = (code: string): Error => Object.assign(new Error('no'), { code });

test.each(['ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN'])(
  '%s does not get better by waiting',
  (code) => {
    expect(transportError(tlsError(code), 'https://api')).toMatchObject({ class: 'configuration' });
  },
);

test.each([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
  'ERR_TLS_HANDSHAKE_TIMEOUT',
])('%s may pass', (code) => {
  expect(transportError(tlsError(code), 'https://api')).toMatchObject({ class: 'transient' });
});
