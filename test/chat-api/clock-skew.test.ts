import { expect, test } from 'vitest';
import { ClockSkew } from '../../src/chat-api/clock-skew.ts';
import { call, clientFor, EMPTY_PAGE, errorOf, failure, serve, serveBytes } from './server.ts';
import { sigCredentials, vendorSig } from './signing.ts';

const MINUTE = 60_000;

/** An API whose clock is ahead of this machine's by so many ms. */
const apiAhead = async (ms: number, body = EMPTY_PAGE): Promise<string> =>
  (
    await serve((_, response) => {
      response.setHeader('date', new Date(Date.now() + ms).toUTCString());
      response.end(body);
    })
  ).endpoint;

/** A header has whole seconds, and may have been written at any moment since the calls began. */
function expectNear(clockSkewMs: number | null, ms: number, began: number): void {
  const doubt = 1_000 + performance.now() - began;
  expect(Math.abs((clockSkewMs ?? Number.NaN) - ms)).toBeLessThanOrEqual(doubt);
}

test('nothing is known before an answer', async () => {
  const client = clientFor(await apiAhead(0));
  expect(client.clockSkewMs).toBeNull();
  const began = performance.now();
  await call(client);
  expectNear(client.clockSkewMs, 0, began);
});

test.each([
  [5 * MINUTE, "this machine's clock is 5 min behind the API's, and UserSigs depend on it: set it by NTP"],
  [-3 * 60 * MINUTE, /^this machine's clock is 3 h ahead of the API's, /],
  [3 * 24 * 60 * MINUTE, /^this machine's clock is 3 days behind the API's, /],
])('an API that is %i ms ahead is reported once, whatever the number of calls', async (ms, sentence) => {
  const reported: string[] = [];
  const client = clientFor(await apiAhead(ms), { onClockFault: (message) => reported.push(message) });
  const began = performance.now();
  await Promise.all(Array.from({ length: 5 }, () => call(client)));
  await call(client);
  expect(reported).toEqual([expect.stringMatching(sentence)]);
  expectNear(client.clockSkewMs, -ms, began);
});

test.each([0, 50_000, -50_000])('one that is %i ms ahead is not', async (ms) => {
  const reported: string[] = [];
  const client = clientFor(await apiAhead(ms), { onClockFault: (message) => reported.push(message) });
  await call(client);
  expect(reported).toEqual([]);
});

test('a refused signature is reported with the clock while the clocks differ', async () => {
  for (const code of [70_001, 70_003, 70_009]) {
    const error = await errorOf(call(clientFor(await apiAhead(10 * MINUTE, failure(code)))));
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(/; this machine's clock is 10 min behind the API's, .* by NTP$/);
  }
  const credentials = sigCredentials(vendorSig('administrator', 60));
  const given = await errorOf(call(clientFor(await apiAhead(10 * MINUTE, failure(70_001)), { credentials })));
  expect(given).toMatchObject({ class: 'credential', code: 70_001, info: 'no' });
  expect(given.message).toMatch(
    /; this machine's clock is 10 min behind .*; sign a new UserSig, or give the secret key, and check the clock of this machine$/,
  );
});

test.each([
  ['a signature while the clocks agree', 0, 70_003],
  ["the app's plan while they differ", 10 * MINUTE, 60_020],
])('a refusal of %s says nothing of the clock', async (_, ms, code) => {
  const error = await errorOf(call(clientFor(await apiAhead(ms, failure(code)))));
  expect(error).toMatchObject({ code });
  expect(error.message).not.toContain('clock');
});

test.each([
  '',
  'date: yesterday\r\n',
  'date: 2026-11-22T03:00:00Z\r\n',
  'date: Sun, 99 Nov 2026 03:00:00 GMT\r\n',
])('an answer with the header %j is ignored', async (header) => {
  const answer = `HTTP/1.1 200 OK\r\n${header}content-length: ${EMPTY_PAGE.length}\r\n\r\n${EMPTY_PAGE}`;
  const client = clientFor(await serveBytes((socket) => socket.write(answer)));
  await call(client);
  expect(client.clockSkewMs).toBeNull();
});

test('a body that is not an answer of the API is ignored for the clock', async () => {
  const client = clientFor(await apiAhead(10 * MINUTE, '<html>Welcome to the hotel</html>'));
  await errorOf(call(client));
  expect(client.clockSkewMs).toBeNull();
});

test('a call that took long leaves as much doubt', () => {
  const clock = new ClockSkew();
  const now = performance.now();
  const date = new Date(Date.now() - 90_000).toUTCString();
  // The header may be as old as the request: nothing is certain.
  clock.measure(date, { sentAt: now - 120_000, answeredAt: now });
  expect(clock.ms).not.toBeNull();
  expect(clock.fault).toBeNull();
  clock.measure(date, { sentAt: now, answeredAt: now });
  expect(clock.fault).toMatch(/^this machine's clock is \d min ahead of the API's, /);
});
