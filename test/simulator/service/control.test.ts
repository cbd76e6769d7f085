import { expect, test } from 'vitest';
import { readOptions, SimulatorOptionsError } from '../../../src/simulator/options/read-options.ts';
import { StoppedClock, withSimulator } from '../calling.ts';

test('options can be changed over HTTP, and the change shows at once', async () => {
  await using caller = await withSimulator({}, new StoppedClock());
  const patch = (body: string) =>
    fetch(`${caller.simulator.url}/_simulator/options`, { method: 'POST', body });
  expect((await patch('{"rate":1,"faults":{"50004":1}}')).status).toBe(200);
  expect((await caller.page('user0000001')).ErrorCode).toBe(50004);
  expect((await caller.page('user0000001')).ErrorCode).toBe(60007);
  const refused = await patch('{"rate":0,"users":5}');
  expect(refused.status).toBe(400);
  expect((await patch('{')).status).toBe(400);
  expect(caller.simulator.report().rate).toBe(1);
});

test("the simulator's own paths are not counted", async () => {
  await using caller = await withSimulator();
  const report = await fetch(`${caller.simulator.url}/_simulator/report`);
  expect(await report.json()).toEqual(caller.simulator.report());
  expect(caller.simulator.report().calls).toBe(0);
  expect((await fetch(`${caller.simulator.url}/_simulator/nothing`)).status).toBe(404);
});

test('a reset makes the next call the first one', async () => {
  await using caller = await withSimulator({ script: [{ fault: '50004', calls: [1, 1] }] });
  expect((await caller.page('user0000001')).ErrorCode).toBe(50004);
  expect((await caller.page('user0000001')).ErrorCode).toBe(0);
  await fetch(`${caller.simulator.url}/_simulator/reset`, { method: 'POST' });
  expect((await caller.page('user0000001')).ErrorCode).toBe(50004);
  expect(caller.simulator.report().calls).toBe(1);
});

test('every bad option is named at once', () => {
  const bad = {
    users: -1,
    rate: 1.5,
    empty: 2,
    latency: [5, 1],
    faults: { nonsense: 0.1, '50004': 0.6, http502: 0.6 },
    script: [{ fault: 'bang', calls: [1, 2] }],
    groupItems: 'never',
    unknown: true,
  };
  const read = () => readOptions(bad);
  expect(read).toThrow(SimulatorOptionsError);
  for (const field of Object.keys(bad)) expect(read).toThrow(field);
});

test('options left out have their defaults', () => {
  expect(readOptions({ users: 5, rate: undefined })).toMatchObject({
    users: 5,
    rate: 200,
    sdkAppId: 1400000000,
  });
});
