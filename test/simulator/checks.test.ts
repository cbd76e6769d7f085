import { createHmac } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { defaultOptions } from '../../src/simulator/options/options.ts';
import { type Call, sign, withSimulator } from './calling.ts';

const sound = { From_Account: 'user0000001', StartIndex: 0 };
const full = `sdkappid=1400000000&identifier=administrator&usersig=${sign()}&random=1&contenttype=json`;

const refusals: [why: string, code: number, call: Call][] = [
  ['a GET', 60002, { method: 'GET' }],
  ['an unknown path', 60009, { path: '/v4/recentcontact/get_list' }],
  ['a path in other letters', 60009, { path: '/v4/recentcontact/GET_contact_group' }],
  ['no query', 60002, { query: '' }],
  ['no contenttype', 60002, { parameters: { contenttype: null } }],
  ['another contenttype', 60002, { parameters: { contenttype: 'xml' } }],
  ['a broken escape', 60002, { query: `${full}&x=%zz` }],
  ['a repeated parameter', 60002, { query: `${full}&random=2` }],
  ['no sdkappid', 60012, { parameters: { sdkappid: null } }],
  ['a parameter name in other letters', 60012, { query: full.replace('sdkappid', 'SdkAppId') }],
  ['an sdkappid that is no number', 60006, { parameters: { sdkappid: 'abc' } }],
  ['an unknown app', 70020, { parameters: { sdkappid: '1400000001' } }],
  ['no identifier', 60010, { parameters: { identifier: null } }],
  ['an identifier without admin rights', 60010, { parameters: { identifier: 'user0000001' } }],
  ['no usersig', 70002, { parameters: { usersig: null } }],
  ['an empty usersig', 70002, { parameters: { usersig: '' } }],
  ['a truncated usersig', 70003, { parameters: { usersig: sign().slice(0, 40) } }],
  ['a usersig of another key', 70009, { parameters: { usersig: sign(undefined, undefined, 'other') } }],
  ['a usersig of another identifier', 70013, { parameters: { usersig: sign('someone') } }],
  ['a usersig of another app', 70014, { parameters: { usersig: sign('administrator', 1400000001) } }],
  [
    'an expired usersig',
    70001,
    { parameters: { usersig: sign('administrator', 1400000000, defaultOptions.secretKey, -10) } },
  ],
  ['no random', 60002, { parameters: { random: null } }],
  ['a random beyond 32 bits', 60002, { parameters: { random: '4294967296' } }],
  ['a negative random', 60002, { parameters: { random: '-1' } }],
  ['an empty body', 60003, { body: '' }],
  ['a body that is no JSON', 60003, { body: '{"From_Account"' }],
  ['a body that is no object', 60003, { body: '[]' }],
  ['no From_Account', 60015, { body: { StartIndex: 0 } }],
  ['From_account in other letters', 60015, { body: { From_account: 'user0000001', StartIndex: 0 } }],
  ['a From_Account that is a number', 60015, { body: { From_Account: 1, StartIndex: 0 } }],
  ['a From_Account over 32 bytes', 50002, { body: { From_Account: '用'.repeat(11), StartIndex: 0 } }],
  ['no StartIndex', 50002, { body: { From_Account: 'user0000001' } }],
  ['a StartIndex as text', 50002, { body: { From_Account: 'user0000001', StartIndex: '0' } }],
  ['a StartIndex with a fraction', 50002, { body: { From_Account: 'user0000001', StartIndex: 0.5 } }],
  ['a StartIndex never given out', 50002, { body: { From_Account: 'user0000001', StartIndex: 5 } }],
  ['a user beyond the list', 50001, { body: { From_Account: 'user0001000', StartIndex: 0 } }],
  ['a user that looks like no user', 50001, { body: { From_Account: 'nobody', StartIndex: 0 } }],
];

test.for(refusals)('%s is refused with %i', async ([, code, call]) => {
  await using caller = await withSimulator();
  const { status, text } = await caller.send({ body: sound, ...call });
  expect(status).toBe(200);
  const answer = JSON.parse(text) as Record<string, unknown>;
  expect(Object.keys(answer).slice(0, 3)).toEqual(['ActionStatus', 'ErrorCode', 'ErrorInfo']);
  expect(answer).toMatchObject({ ActionStatus: 'FAIL', ErrorCode: code });
  expect(caller.simulator.report().answers).toEqual({ [code]: 1 });
});

test("a UserSig of the vendor's signer is accepted", async () => {
  await using caller = await withSimulator();
  expect(await caller.page('user0000001')).toMatchObject({ ActionStatus: 'OK', ErrorCode: 0 });
});

test("a UserSig of the vendor's sample key and time is read as the vendor packed it", async () => {
  const usersig =
    'eJyrVgrxCdYrSy1SslIy0jNQ0gHzM1NS80oy0zLBwokpuZl5mcUlRYkl*UVQBcUp2YkFBZkpSlaGJgZQAJEpycxNVbIyNEcVTa0oyCxKVbKyMDOBCRVnpitZKVX6OKZql5uHh6aGlhYmhVlm6IdEmFuUGhnmh7hnamdaRhUYlhoHFORFmhnYKtUCAK0SM5I_';
  await using caller = await withSimulator();
  expect((await caller.call({ parameters: { usersig }, body: sound })).ErrorCode).toBe(70001);
});

test('a UserSig may be packed uncompressed and with its fields in another order, as the Go signer does', async () => {
  const time = Math.floor(Date.now() / 1000);
  const lines = ['identifier:administrator', 'sdkappid:1400000000', `time:${time}`, 'expire:60'];
  const text = lines.map((line) => `TLS.${line}\n`).join('');
  const fields = {
    'TLS.sig': createHmac('sha256', defaultOptions.secretKey).update(text).digest('base64'),
    'TLS.expire': 60,
    'TLS.time': time,
    'TLS.sdkappid': 1400000000,
    'TLS.identifier': 'administrator',
    'TLS.ver': '2.0',
  };
  const packed = deflateSync(JSON.stringify(fields), { level: 0 }).toString('base64');
  const usersig = packed.replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_');
  await using caller = await withSimulator();
  expect((await caller.call({ parameters: { usersig }, body: sound })).ErrorCode).toBe(0);
});

test('ten wrong signatures within a minute lock the app out, right ones included', async () => {
  await using caller = await withSimulator();
  const usersig = sign(undefined, undefined, 'other');
  for (let i = 0; i < 10; i++) {
    expect((await caller.call({ parameters: { usersig }, body: sound })).ErrorCode).toBe(70009);
  }
  expect((await caller.call({ parameters: { usersig }, body: sound })).ErrorCode).toBe(70050);
  expect((await caller.page('user0000001')).ErrorCode).toBe(70050);
});

test('a switched key refuses what the old one signed', async () => {
  await using caller = await withSimulator();
  expect((await caller.page('user0000001')).ErrorCode).toBe(0);
  caller.simulator.change({ secretKey: 'new' });
  expect((await caller.page('user0000001')).ErrorCode).toBe(70009);
  const usersig = sign(undefined, undefined, 'new');
  expect((await caller.call({ parameters: { usersig }, body: sound })).ErrorCode).toBe(0);
});

test('any other app gets the code of a wrong region that was asked for', async () => {
  await using caller = await withSimulator({ unknownAppCode: 70016 });
  const answer = await caller.call({ parameters: { sdkappid: '1400000001' }, body: sound });
  expect(answer).toMatchObject({ ErrorCode: 70016, ErrorInfo: expect.stringMatching(/data center/) });
});

test('maxSigAge makes UserSigs expire earlier than they say', async () => {
  await using caller = await withSimulator({ maxSigAge: 3600 });
  expect((await caller.page('user0000001')).ErrorCode).toBe(0);
  caller.simulator.change({ maxSigAge: 0 });
  await expect.poll(async () => (await caller.page('user0000001')).ErrorCode).toBe(70001);
});
