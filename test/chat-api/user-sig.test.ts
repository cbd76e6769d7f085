import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signUserSig } from '../../src/chat-api/user-sig.ts';
import { claimsOf, SDK_APP_ID, SECRET_KEY, vendorSig } from './signing.ts';

const claims = {
  sdkAppId: SDK_APP_ID,
  identifier: 'administrator',
  issuedAt: 1_700_000_000,
  lifetime: 86_400,
};

test('a UserSig says and signs what the known example does', () => {
  const known =
    'eJyrVgrxCdYrSy1SslIy0jNQ0gHzM1NS80oy0zLBwokpuZl5mcUlRYkl*UVQBcUp2YkFBZkpSlaGJgZQAJEpycxNVbIyNEcVTa0oyCxKVbKyMDOBCRVnpitZKVX6OKZql5uHh6aGlhYmhVlm6IdEmFuUGhnmh7hnamdaRhUYlhoHFORFmhnYKtUCAK0SM5I_';
  const signed = claimsOf(signUserSig(claims, SECRET_KEY));
  expect(signed).toEqual(claimsOf(known));
  expect(signed['TLS.sig']).toBe('yLAe+w7WUeUuqbV9h/TX78u21oTGi+i9Zp1u3PpnY60=');
});

test("any UserSig equals the vendor's own, and its HMAC holds", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 32 }),
      fc.integer({ min: 1, max: 15_552_000 }),
      fc.string({ minLength: 1 }),
      (identifier, lifetime, key) => {
        const theirs = claimsOf(vendorSig(identifier, lifetime, key));
        const issuedAt = Number(theirs['TLS.time']);
        const userSig = signUserSig({ sdkAppId: SDK_APP_ID, identifier, issuedAt, lifetime }, key);
        expect(userSig).toMatch(/^[A-Za-z0-9*_-]+$/);
        const ours = claimsOf(userSig);
        expect(ours).toEqual(theirs);
        const signed = `TLS.identifier:${identifier}\nTLS.sdkappid:${SDK_APP_ID}\nTLS.time:${issuedAt}\nTLS.expire:${lifetime}\n`;
        expect(ours['TLS.sig']).toBe(createHmac('sha256', key).update(signed).digest('base64'));
      },
    ),
    { numRuns: 30 },
  );
});
