import { describe, expect, test } from 'vitest';
import { readRetryAfter } from '../../src/chat-api/retry-after.ts';
import { call, clientFor, errorOf, failure, serve } from './server.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const later = (seconds: number): string => new Date(NOW + seconds * 1000).toUTCString();

describe('a Retry-After', () => {
  test.each([
    ['0', 0],
    ['5', 5_000],
    [' 5 ', 5_000],
    ['999999999', 999_999_999_000],
    [later(7), 7_000],
    [later(-7), 0],
  ])('of %j asks for %i ms', (value, ms) => {
    expect(readRetryAfter({ 'retry-after': value }, NOW)).toBe(ms);
  });

  test.each([
    '',
    '-1',
    '1.5',
    '5s',
    'soon',
    '9999999999',
    '2026-01-02',
    'Fri, 99 Jan 2026 03:04:05 GMT',
    later(1).slice(5),
  ])('of %j asks for nothing', (value) => {
    expect(readRetryAfter({ 'retry-after': value }, NOW)).toBeNull();
  });

  test('counts from the time that its own answer says', () => {
    const headers = { 'retry-after': later(3_607), date: later(3_600) };
    expect(readRetryAfter(headers, NOW)).toBe(7_000);
    expect(readRetryAfter({ ...headers, date: 'now' }, NOW)).toBe(3_607_000);
  });

  test('that comes twice is the first', () => {
    expect(readRetryAfter({ 'retry-after': ['2', '9'] }, NOW)).toBe(2_000);
  });
});

test.each([
  [429, 'limit', 30_000],
  [503, 'transient', 30_000],
  [502, 'transient', null],
])('HTTP %i with one is an error of class %s that asks for %j ms', async (status, errorClass, ms) => {
  const { endpoint } = await serve((_, response) =>
    response.writeHead(status, { 'retry-after': '30' }).end('busy'),
  );
  expect(await errorOf(call(clientFor(endpoint)))).toMatchObject({ class: errorClass, retryAfterMs: ms });
});

test('an answer of the API itself asks for nothing by it', async () => {
  const { endpoint } = await serve((_, response) =>
    response.writeHead(503, { 'retry-after': '30' }).end(`\n${failure(60_007)}`),
  );
  expect(await errorOf(call(clientFor(endpoint)))).toMatchObject({ class: 'limit', retryAfterMs: null });
});
