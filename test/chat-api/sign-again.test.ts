import { expect, test } from 'vitest';
import { call, clientFor, EMPTY_PAGE, errorOf, failure, serve } from './server.ts';
import { keyCredentials, sigCredentials, vendorSig } from './signing.ts';

test.each([70_001, 70_052])('calls refused together with %i share one new UserSig', async (code) => {
  const credentials = keyCredentials();
  const old = credentials.current();
  const { endpoint, arrivals } = await serve(({ url }, response) => {
    response.end(url.searchParams.get('usersig') === old ? failure(code) : EMPTY_PAGE);
  });
  const client = clientFor(endpoint, { credentials });
  // A UserSig signed in the same second would be the same text.
  const second = Math.floor(Date.now() / 1000);
  while (Math.floor(Date.now() / 1000) === second) await new Promise(setImmediate);
  const errors = await Promise.all(Array.from({ length: 5 }, () => errorOf(call(client))));
  for (const error of errors) expect(error).toMatchObject({ class: 'sign-again', code });
  await Promise.all(Array.from({ length: 5 }, () => call(client)));
  const used = arrivals.map(({ url }) => url.searchParams.get('usersig'));
  expect(new Set(used.slice(0, 5))).toEqual(new Set([old]));
  expect(new Set(used.slice(5)).size).toBe(1);
});

test('a UserSig that was signed elsewhere cannot be renewed: its refusal is one of the credentials', async () => {
  const { endpoint } = await serve((_, response) => response.end(failure(70_001, 'expired')));
  const client = clientFor(endpoint, { credentials: sigCredentials(vendorSig('administrator', 60)) });
  const error = await errorOf(call(client));
  expect(error).toMatchObject({ class: 'credential', code: 70_001 });
  expect(error.message).toContain('"expired"');
});
