import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { request } from 'undici';
import { expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/options/fault.ts';
import { readOptions } from '../../src/simulator/options/read-options.ts';
import { FaultChoice } from '../../src/simulator/service/fault-choice.ts';
import { withSimulator } from './calling.ts';

const body = { From_Account: 'user0000001', StartIndex: 0 };
const patience = { timeout: 10_000 };

test.for(['50004', '50005', '60008', '60011', '70169', '70500', '60013'] satisfies Fault[])(
  'the fault %s is a FAIL answer with that code',
  async (code) => {
    await using caller = await withSimulator({ script: [{ fault: code, calls: [1, 1] }] });
    expect(await caller.page('user0000001')).toMatchObject({
      ActionStatus: 'FAIL',
      ErrorCode: Number(code),
    });
    expect((await caller.page('user0000001')).ErrorCode).toBe(0);
    expect(caller.simulator.report()).toMatchObject({ injected: { [code]: 1 }, httpFaults: 0 });
  },
);

test('http502 is a status with HTML, garbage is HTML with status 200', async () => {
  await using caller = await withSimulator({
    script: [
      { fault: 'http502', calls: [1, 1] },
      { fault: 'garbage', calls: [2, 2] },
    ],
  });
  expect(await caller.send({ body })).toMatchObject({ status: 502, text: expect.stringMatching(/^<html>/) });
  expect(await caller.send({ body })).toMatchObject({ status: 200, text: expect.stringMatching(/^<html>/) });
  expect(caller.simulator.report()).toMatchObject({ httpFaults: 2, answers: {} });
});

test.for(['reset', 'cut', 'down'] satisfies Fault[])('%s breaks the connection', async (fault) => {
  await using caller = await withSimulator({ script: [{ fault, calls: [1, 1] }] });
  await expect(caller.send({ body })).rejects.toThrow();
  expect((await caller.page('user0000001')).ErrorCode).toBe(0);
  expect(caller.simulator.report().injected).toEqual({ [fault]: 1 });
});

test('truncated JSON arrives as a whole body that cannot be parsed', async () => {
  await using caller = await withSimulator({ script: [{ fault: 'truncatedJson', calls: [1, 1] }] });
  const { status, text } = await caller.send({ body });
  expect(status).toBe(200);
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
});

test('an oversized answer is over 8 MB and otherwise right', async () => {
  await using caller = await withSimulator({ script: [{ fault: 'oversized', calls: [1, 1] }] });
  const { text } = await caller.send({ body });
  expect(text.length).toBeGreaterThan(8 * 1024 * 1024);
  const { Padding: _, ...page } = JSON.parse(text);
  expect(page).toEqual(await caller.page('user0000001'));
});

test('plainText is the right answer under another content type', async () => {
  await using caller = await withSimulator({ script: [{ fault: 'plainText', calls: [1, 1] }] });
  const { status, text } = await caller.send({ body });
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual(await caller.page('user0000001'));
});

test('a stalled call is answered only when stallMs has passed', async () => {
  await using caller = await withSimulator({
    stallMs: 100,
    script: [{ fault: 'stall', user: 'user0000001', times: 1 }],
  });
  const began = performance.now();
  const [stalled, other] = await Promise.all([
    caller.page('user0000001').then(() => performance.now() - began),
    caller.page('user0000003').then(() => performance.now() - began),
  ]);
  expect(stalled).toBeGreaterThanOrEqual(95);
  expect(other).toBeLessThan(stalled);
});

test('a fault for a user comes so many times and for no one else', async () => {
  await using caller = await withSimulator({ script: [{ fault: '50004', user: 'user0000001', times: 2 }] });
  const codes: number[] = [];
  for (const user of ['user0000001', 'user0000003', 'user0000001', 'user0000001']) {
    codes.push((await caller.page(user)).ErrorCode);
  }
  expect(codes).toEqual([50004, 0, 50004, 0]);
});

test('faults by share come about as often as asked, and on the same calls each time', async () => {
  const codes = async (): Promise<number[]> => {
    await using caller = await withSimulator({ faults: { '50004': 0.1, '70169': 0.2 } });
    const all: number[] = [];
    for (let i = 0; i < 500; i++) all.push((await caller.page('user0000001')).ErrorCode);
    return all;
  };
  const first = await codes();
  expect(first.filter((code) => code === 50004).length).toBeGreaterThan(25);
  expect(first.filter((code) => code === 50004).length).toBeLessThan(80);
  expect(first.filter((code) => code === 70169).length).toBeGreaterThan(65);
  expect(await codes()).toEqual(first);
});

test('while the service is down the report stays readable, and then it is up again', async () => {
  await using caller = await withSimulator({ script: [{ fault: 'down', seconds: [0, 3_600] }] });
  await expect(caller.send({ body })).rejects.toThrow();
  const own = await request(`${caller.simulator.url}/_simulator/report`, { dispatcher: caller.dispatcher });
  await own.body.dump();
  await expect(caller.send({ body })).rejects.toThrow();
  const report = await fetch(`${caller.simulator.url}/_simulator/report`);
  expect(await report.json()).toMatchObject({ calls: 2, injected: { down: 2 }, httpFaults: 2 });
  caller.simulator.change({ script: [] });
  expect((await caller.send({ body })).status).toBe(200);
});

test('an outage of seconds breaks connections that were open and new ones, and ends by itself', async () => {
  await using caller = await withSimulator({ script: [{ fault: 'down', seconds: [0.5, 1.5] }] });
  const { hostname, port } = new URL(caller.simulator.url);
  const open = async (): Promise<{ socket: Socket; closed: Promise<unknown> }> => {
    const socket = connect(Number(port), hostname).on('error', () => {});
    const closed = once(socket, 'close');
    await once(socket, 'connect');
    return { socket, closed };
  };
  const ask = 'POST /v4/x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
  const [keptAlive, idle] = [await open(), await open()];
  keptAlive.socket.write(ask);
  expect(String((await once(keptAlive.socket, 'data'))[0])).toMatch(/^HTTP\/1.1 200/);

  await expect.poll(() => caller.send({ body }).catch(() => 'broken'), patience).toBe('broken');
  await Promise.all([keptAlive.closed, idle.closed]);
  const fresh = await open();
  fresh.socket.write(ask);
  fresh.socket.on('data', () => expect.fail('an answer came during the outage'));
  await fresh.closed;
  const back = () => caller.page('user0000001').catch(() => 'broken');
  await expect.poll(back, patience).toMatchObject({ ErrorCode: 0 });
  expect(caller.simulator.report().injected.down).toBeGreaterThan(1);
});

test.for<[Fault, number, RegExp]>([
  ['http502', 502, /^<html>/],
  ['50004', 200, /"ErrorCode":50004/],
])('an outage may also be %s for everybody', async ([fault, status, text]) => {
  await using caller = await withSimulator({ script: [{ fault, seconds: [0, 1] }] });
  for (const user of ['user0000001', 'user0000003', 'nobody']) {
    const answer = await caller.send({ body: { From_Account: user, StartIndex: 0 } });
    expect(answer).toMatchObject({ status, text: expect.stringMatching(text) });
  }
  await expect.poll(async () => (await caller.send({ body })).text, patience).toMatch(/"ErrorCode":0/);
});

test('a code may be a number, as YAML reads it', () => {
  const script = [{ fault: 50004, seconds: [0, 1] }];
  expect(readOptions({ script }).script).toEqual([{ fault: '50004', seconds: [0, 1] }]);
  expect(() => readOptions({ script: [{ fault: 5, seconds: [0, 1] }] })).toThrow(/script/);
});

test('the script says from when to when, calls with both ends, seconds without the last', () => {
  const choice = new FaultChoice(
    readOptions({
      script: [
        { fault: 'reset', calls: [2, 3] },
        { fault: 'cut', seconds: [10, 20] },
      ],
    }),
  );
  const faults = [1, 2, 3, 4].map((call) => choice.choose(call, 0, ''));
  expect(faults).toEqual([null, 'reset', 'reset', null]);
  expect([9.9, 10, 19.9, 20].map((at) => choice.choose(9, at, ''))).toEqual([null, 'cut', 'cut', null]);
});
