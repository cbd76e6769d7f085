import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../../src/chat-api/transport-error.ts';
import { call, clientFor, EMPTY_PAGE, errorOf, failure, serve } from './server.ts';

const pageOf = (item: Buffer | string): Buffer =>
  Buffer.concat([
    Buffer.from(`${EMPTY_PAGE.slice(0, -1)},"ContactItem":[{"Type":1,"To_Account":"`),
    Buffer.from(item),
    Buffer.from('"}]}'),
  ]);

async function served(body: Buffer | string, headers: Record<string, string> = {}) {
  const { endpoint, arrivals } = await serve((_, response) => response.writeHead(200, headers).end(body));
  return { client: clientFor(endpoint), arrivals };
}

// Of the API, and so no sign of an outage: the user fails when it stays.
describe('bytes that are not UTF-8', () => {
  const half = Buffer.from('家').subarray(0, 2);
  test.each([
    ['one that no character has', Buffer.from([0x70, 0xff])],
    ['half a character', half],
    ['a longer form than is needed', Buffer.from([0xc0, 0x80])],
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
    ['beyond the last character', Buffer.from([0xf4, 0x90, 0x80, 0x80])],
    ['another encoding', Buffer.from('m\u00fcller', 'latin1')],
  ])('are an invalid page: %s', async (_, bytes) => {
    for (const body of [pageOf(bytes), gzipSync(pageOf(bytes))]) {
      const { client } = await served(body);
      expect(await errorOf(call(client))).toMatchObject({ class: 'invalid-page', code: null });
    }
    const { client } = await served(Buffer.from(`${EMPTY_PAGE.slice(0, -1)},"ContactItem":[]}`, 'utf16le'));
    expect(await errorOf(call(client))).toMatchObject({ class: 'malformed' });
  });

  test('do not hide the code of a refusal, whose words are for people', async () => {
    const [before = '', after = ''] = failure(50_004, 'X').split('X');
    const body = Buffer.concat([Buffer.from(before), half, Buffer.from(after)]);
    const { client } = await served(body);
    expect(await errorOf(call(client))).toMatchObject({ class: 'transient', code: 50_004, info: '\ufffd' });
  });

  test('are not those of any character', async () => {
    const id = '家\u00fc😀\ufffd\u2028';
    const { client } = await served(pageOf(id));
    expect((await call(client)).contactItems).toEqual([{ Type: 1, To_Account: id }]);
  });
});

describe('a compressed answer', () => {
  test('is not asked for', async () => {
    const { client, arrivals } = await served(EMPTY_PAGE);
    await call(client);
    expect(arrivals[0]?.headers['accept-encoding']).toBe('identity');
  });

  const page = pageOf('peer'.repeat(2_000));
  test.each([
    ['gzip', gzipSync(page), 'gzip'],
    ['gzip in capitals', gzipSync(page), 'GZIP'],
    ['gzip under its old name', gzipSync(page), 'x-gzip'],
    ['gzip that is not said', gzipSync(page), undefined],
    [
      'gzip of two members',
      Buffer.concat([gzipSync(page.subarray(0, 9)), gzipSync(page.subarray(9))]),
      'gzip',
    ],
    ['deflate', deflateSync(page), 'deflate'],
    ['bare deflate', deflateRawSync(page), 'deflate'],
    ['br', brotliCompressSync(page), 'br'],
    ['one that was decompressed on the way', page, 'gzip'],
    ['one that was decompressed on the way', page, 'br'],
    ['one that was decompressed on the way', page, 'deflate'],
    ['identity', page, 'identity'],
  ])('is read: %s', async (_, body, coding) => {
    const { client } = await served(body, coding === undefined ? {} : { 'content-encoding': coding });
    expect((await call(client)).contactItems).toHaveLength(1);
  });

  test.each([
    ['cut short', gzipSync(page).subarray(0, -9), 'gzip'],
    ['damaged', Buffer.concat([gzipSync(page).subarray(0, 20), Buffer.alloc(40, 7)]), 'gzip'],
    ['in a coding that is not known', gzipSync(page).subarray(2), 'zstd'],
  ])('is malformed where it is %s', async (_, body, coding) => {
    const { client } = await served(body, { 'content-encoding': coding });
    expect(await errorOf(call(client))).toMatchObject({ class: 'malformed' });
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ])('is read up to the size of any answer: %s', async (coding, compress) => {
    const { client } = await served(compress(Buffer.alloc(MAX_BODY_BYTES + 1, ' ')), {
      'content-encoding': coding,
    });
    const error = await errorOf(call(client));
    expect(error).toMatchObject({ class: 'malformed' });
    expect(error.message).toMatch(/larger than 8388608 bytes/);
  });
});

test('an answer about another user is an invalid page', async () => {
  const about = (userId: unknown) => `${EMPTY_PAGE.slice(0, -1)},"From_Account":${JSON.stringify(userId)}}`;
  for (const [userId, body] of [
    ['user0', about('user0')],
    ['user0', about(null)],
  ] as const) {
    const { client } = await served(body);
    await call(client, { userId });
  }
  const { client } = await served(about('user1'));
  const error = await errorOf(call(client, { userId: 'user0' }));
  expect(error).toMatchObject({ class: 'invalid-page' });
  expect(error.message).toMatch(/^the answer is about another user, From_Account "user1"/);
});
