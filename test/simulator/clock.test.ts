import { expect, test } from 'vitest';
import { defaultOptions } from '../../src/simulator/options/options.ts';
import { sign, withSimulator } from './calling.ts';

const body = { From_Account: 'user0000001', StartIndex: 0 };
const HOUR = 3_600;

test.for([-HOUR, 0, HOUR])("a clock that is %i s ahead shows in the answers' Date", async (clockOffset) => {
  await using caller = await withSimulator({ clockOffset, script: [{ fault: 'http502', calls: [2, 2] }] });
  for (const status of [200, 502]) {
    const asked = Date.now();
    const answer = await caller.send({ body });
    expect(answer.status).toBe(status);
    const shown = Date.parse(answer.date) - clockOffset * 1_000;
    // The header has whole seconds.
    expect(shown).toBeGreaterThan(asked - 1_000);
    expect(shown).toBeLessThanOrEqual(Date.now());
  }
});

test("a UserSig expires by the service's clock", async () => {
  const { identifier, sdkAppId, secretKey } = defaultOptions;
  const parameters = { usersig: sign(identifier, sdkAppId, secretKey, HOUR) };
  await using caller = await withSimulator({ clockOffset: HOUR - 60 });
  expect((await caller.call({ parameters, body })).ErrorCode).toBe(0);
  caller.simulator.change({ clockOffset: HOUR + 60 });
  expect((await caller.call({ parameters, body })).ErrorCode).toBe(70001);
});

test('a UserSig from the future is accepted, however far, unless maxSigLead says how far', async () => {
  await using caller = await withSimulator({ clockOffset: -HOUR });
  expect((await caller.send({ body })).text).toMatch(/"ErrorCode":0/);
  caller.simulator.change({ maxSigLead: HOUR + 60 });
  expect((await caller.send({ body })).text).toMatch(/"ErrorCode":0/);
  caller.simulator.change({ maxSigLead: HOUR - 60 });
  expect((await caller.send({ body })).text).toMatch(/"ErrorCode":70003/);
});
