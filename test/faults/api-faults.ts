import { setTimeout as sleep } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { Fault as ApiFault } from '../../src/simulator/options/fault.ts';
import { defaultOptions } from '../../src/simulator/options/options.ts';
import { runProgram } from '../support/program.ts';
import { SECRET_KEY } from '../support/simulation.ts';
import type { Fault } from './fault.ts';
import type { Scene } from './scene.ts';

const any = /run 1 of job default starts/;
const ALL_CALLS: [from: number, to: number] = [1, 1_000_000];
const OTHER_KEY = '0123456789abcdef'.repeat(4);

/** That the simulator did each of these things. */
const met =
  (...names: readonly string[]) =>
  async ({ simulation }: Scene): Promise<void> => {
    const { injected, answers } = await simulation.report();
    for (const name of names)
      expect((injected as Record<string, number>)[name] ?? answers[name], name).toBeGreaterThan(0);
  };

/** Asks the simulator again while `down` breaks this connection together with those of the run. */
const untilAnswered = <T>(ask: () => Promise<T>): Promise<T> => vi.waitFor(ask, { timeout: 60_000 });

/** So many times did the simulator do this so far. */
const timesInjected = async ({ simulation }: Scene, name: ApiFault): Promise<number> => {
  const { injected } = await untilAnswered(() => simulation.report());
  return (injected as Record<string, number>)[name] ?? 0;
};

/** From a call in the middle of the run on, until the test ends it. */
const FROM_MID_RUN: [from: number, to: number] = [60, 1_000_000];

/** Ends the script after so many more faults and so much time. */
async function endAfter(scene: Scene, name: ApiFault, more: number, ms = 0): Promise<void> {
  const before = await timesInjected(scene, name);
  await sleep(ms);
  const isEnough = async () => expect(await timesInjected(scene, name)).toBeGreaterThanOrEqual(before + more);
  await vi.waitFor(isEnough, { timeout: 300_000 });
  await untilAnswered(() => scene.simulation.change({ script: [] }));
}

/** How many calls reach the service once the outage is declared: a probe every 3 s, and calls under way by then. */
const MAX_DURING_OUTAGE = 40;

const outage = (fault: string, name: ApiFault): Fault => {
  let whenDeclared = 0;
  return {
    fault,
    to: ['csv'],
    waits: true,
    api: { users: 500, rate: 250, script: [{ fault: name, calls: FROM_MID_RUN }] },
    args: { '--max-attempts': '3', '--max-outage': '5m' },
    at: /the API is unavailable/,
    cause: async (scene) => {
      whenDeclared = await timesInjected(scene, name);
      // Long enough for over a hundred calls of a run that does not wait.
      await endAfter(scene, name, 3, 8_000);
      return undefined;
    },
    ends: { code: 0, says: /the API is unavailable.*\n(.*\n)*.*the API has recovered/ },
    holds: async (scene) => {
      const during = (await timesInjected(scene, name)) - whenDeclared;
      expect(during).toBeGreaterThan(0);
      expect(during).toBeLessThanOrEqual(MAX_DURING_OUTAGE);
    },
  };
};

const spoiled = (fault: string, name: ApiFault): Fault => ({
  fault,
  to: ['csv'],
  api: { faults: { [name]: 0.03 } },
  ends: { code: 0, says: any },
  holds: met(name),
});

export const apiFaults: readonly Fault[] = [
  {
    fault: 'the API is down for some seconds',
    to: ['csv'],
    waits: true,
    api: { script: [{ fault: 'down', calls: FROM_MID_RUN }] },
    at: any,
    cause: async (scene) => {
      await endAfter(scene, 'down', 20);
      return undefined;
    },
    ends: { code: 0, says: any },
    holds: met('down'),
  },
  outage('the API breaks every connection for longer than all attempts of a user', 'down'),
  outage('the API says 50004 to everybody for longer than all attempts of a user', '50004'),
  outage('the API says HTTP 502 to everybody for longer than all attempts of a user', 'http502'),
  {
    fault: 'the API is down for longer than --max-outage',
    to: ['csv'],
    waits: true,
    args: { '--max-outage': '1s' },
    cause: async ({ simulation }) => {
      await untilAnswered(() => simulation.change({ script: [{ fault: 'down', calls: ALL_CALLS }] }));
      return () => simulation.change({ script: [] });
    },
    ends: {
      code: 4,
      says: /the API is unavailable.*\n(.*\n)*chat-export: /,
      noted: /^the API cannot be reached; /,
    },
  },
  {
    fault: 'a storm of 50004 and 50005 and of every rate-limit error',
    to: ['csv'],
    api: {
      users: 80,
      faults: { 50004: 0.06, 50005: 0.06, 60007: 0.01, 60011: 0.01, 60018: 0.01, 60019: 0.01 },
    },
    args: { '--max-attempts': '20' },
    ends: { code: 0, says: any },
    holds: met('50004', '50005', '60007', '60011', '60018', '60019'),
  },
  {
    fault: 'calls that are never answered',
    to: ['csv'],
    waits: true,
    api: { faults: { stall: 0.03 } },
    args: { '--timeout': '4s' },
    ends: { code: 0, says: any },
    holds: met('stall'),
  },
  spoiled('bodies that are cut', 'cut'),
  spoiled('bodies that are cut but say that they are whole', 'truncatedJson'),
  spoiled('bodies of over 8 MB', 'oversized'),
  spoiled('bodies of HTML', 'garbage'),
  spoiled('bodies of another content type', 'plainText'),
  {
    fault: 'a UserSig that expires, where the key is known',
    to: ['csv'],
    api: { users: 200, maxSigAge: 3 },
    args: { '--rate': '100' },
    ends: { code: 0, says: any },
    holds: met('70001'),
  },
  {
    fault: 'a UserSig that expires, where it was given',
    to: ['csv'],
    before: async (scene) => {
      scene.env.CHAT_EXPORT_USERSIG = await signed();
      delete scene.env.CHAT_EXPORT_SECRET_KEY;
    },
    cause: async (scene) => {
      await scene.simulation.change({ maxSigAge: 0 });
      return async () => {
        await scene.simulation.change({ maxSigAge: null });
        scene.env.CHAT_EXPORT_USERSIG = await signed();
      };
    },
    ends: { code: 4, says: /chat-export: .*70001/ },
  },
  {
    fault: 'the key is revoked',
    to: ['csv', 'postgres 18'],
    // Ten calls that are refused would keep everybody out for a minute (70050).
    args: { '--concurrency': '3' },
    cause: async ({ simulation, env }) => {
      await simulation.change({ secretKey: OTHER_KEY });
      return async () => {
        env.CHAT_EXPORT_SECRET_KEY = OTHER_KEY;
      };
    },
    ends: { code: 4, says: /chat-export: .*7\d{4}/, noted: /^7\d{4}: / },
  },
];

async function signed(): Promise<string> {
  const { stdout } = await runProgram(['usersig', '--sdk-app-id', String(defaultOptions.sdkAppId)], {
    env: { CHAT_EXPORT_SECRET_KEY: SECRET_KEY },
  });
  return stdout.trim();
}
