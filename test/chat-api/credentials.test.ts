import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { claimsOf, keyCredentials, sigCredentials } from './signing.ts';

const START = Date.UTC(2026, 10, 22, 3) / 1000;
const HOUR = 3600;

// Only the wall clock: a day cannot be waited out.
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: START * 1000 }));
afterEach(() => vi.useRealTimers());
const at = (seconds: number): void => void vi.setSystemTime((START + seconds) * 1000);
const issuedAt = (userSig: string): number => Number(claimsOf(userSig)['TLS.time']) - START;

test('a UserSig lives for a day and serves every call until an hour before its end', () => {
  const credentials = keyCredentials();
  const first = credentials.current();
  expect(claimsOf(first)).toMatchObject({ 'TLS.time': START, 'TLS.expire': 24 * HOUR });
  at(23 * HOUR - 1);
  expect(credentials.current()).toBe(first);
  at(23 * HOUR);
  expect(issuedAt(credentials.current())).toBe(23 * HOUR);
});

test('whatever the clock does, a UserSig is never used past its life nor long before its birth', () => {
  const credentials = keyCredentials();
  for (const now of [0, 10 * HOUR, -48 * HOUR, -47 * HOUR, 500 * HOUR, 499 * HOUR, 0, -2 * HOUR]) {
    at(now);
    const age = now - issuedAt(credentials.current());
    expect(age).toBeLessThan(24 * HOUR);
    expect(age).toBeGreaterThanOrEqual(-HOUR);
  }
});

test('calls that were refused together share one new UserSig', () => {
  const credentials = keyCredentials();
  const refused = credentials.current();
  at(60);
  expect(credentials.renew(refused)).toBe(true);
  const renewed = credentials.current();
  expect(issuedAt(renewed)).toBe(60);
  at(120);
  expect(credentials.renew(refused)).toBe(true);
  expect(credentials.current()).toBe(renewed);
});

test('a UserSig that was signed elsewhere is used unchanged and cannot be renewed', () => {
  const credentials = sigCredentials('given');
  expect(credentials.current()).toBe('given');
  expect(credentials.renew('given')).toBe(false);
  expect(credentials.current()).toBe('given');
});
