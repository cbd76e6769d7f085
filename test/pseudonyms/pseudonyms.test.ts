import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { Pseudonyms } from '../../src/pseudonyms/pseudonyms.ts';
import { pseudonymIn, SealBroken, SealedUsers } from '../../src/pseudonyms/sealed-users.ts';
import { MAX_KEPT_BYTES } from '../../src/user-list/distinct/kept-user.ts';
import { MAX_USER_ID_BYTES } from '../../src/user-list/user-id.ts';

const key = Buffer.from('0123456789abcdef'.repeat(2));
const pseudonyms = new Pseudonyms(key);
const sealed = new SealedUsers(key, pseudonyms);

test('a pseudonym is the first half of HMAC-SHA-256 of the kind and the ID', () => {
  const hmac = (text: string): string => createHmac('sha256', key).update(text).digest('hex');
  expect(pseudonyms.user('用户 1')).toBe(hmac('user\0用户 1').slice(0, 32));
  expect(pseudonyms.group('用户 1')).toBe(hmac('group\0用户 1').slice(0, 32));
});

test('a user and a group of the same ID have two pseudonyms, and so has a user under another key', () => {
  const others = new Pseudonyms(Buffer.from('another key of at least 32 bytes'));
  const names = [pseudonyms.user('a'), pseudonyms.group('a'), others.user('a'), pseudonyms.user('b')];
  expect(new Set(names).size).toBe(4);
  expect(others.keyFingerprint).not.toBe(pseudonyms.keyFingerprint);
  expect(new Pseudonyms(Buffer.from(key)).keyFingerprint).toBe(pseudonyms.keyFingerprint);
});

test('a sealed user is opened with the key, equal to what the same user is sealed to, and short enough to be kept', () => {
  for (const id of ['u', '用户 1', '😀'.repeat(8), 'x'.repeat(MAX_USER_ID_BYTES)]) {
    const one = sealed.seal(id);
    expect(sealed.open(one)).toBe(id);
    expect(sealed.seal(id)).toBe(one);
    expect(pseudonymIn(one)).toBe(pseudonyms.user(id));
    expect(Buffer.byteLength(one)).toBeLessThan(MAX_KEPT_BYTES);
    expect(Buffer.from(one.slice(33), 'base64url').includes(id)).toBe(false);
  }
});

test('a sealed user is not opened with another key, under another pseudonym, or when a bit was changed', () => {
  const one = sealed.seal('user0000001');
  const other = Buffer.from('another key of at least 32 bytes');
  const others = new SealedUsers(other, new Pseudonyms(other));
  const moved = `${pseudonyms.user('user0000002')}${one.slice(32)}`;
  const cut = one.slice(0, -3);
  for (const [opener, text] of [
    [others, one],
    [sealed, moved],
    [sealed, cut],
    [sealed, `${one.slice(0, 40)}${one[40] === 'A' ? 'B' : 'A'}${one.slice(41)}`],
    [sealed, 'user0000001'],
  ] as const) {
    expect(() => opener.open(text)).toThrow(SealBroken);
  }
});
