import { expect, test } from 'vitest';
import { bottleneck, type CallsNow, type PassNow } from '../../../src/run/calls/bottleneck.ts';

const calls: CallsNow = { queued: 0, underWay: 0, concurrency: 64, isSlowed: false, isAway: false };
const pass: PassNow = { waitsForDestination: false, waiting: 0 };

test.each<[what: string, wait: string, calls: Partial<CallsNow>, pass: Partial<PassNow>]>([
  ['calls wait for their slot', 'quota', { queued: 3, underWay: 10 }, { waiting: 5 }],
  [
    'calls wait for their slot while chunks wait for room',
    'quota',
    { queued: 3 },
    { waitsForDestination: true },
  ],
  ['calls wait for their slot, slowed by rate-limit errors', 'backOff', { queued: 3, isSlowed: true }, {}],
  ['the API is unavailable', 'backOff', { underWay: 64, isAway: true }, {}],
  [
    'all calls that may be under way are',
    'latency',
    { underWay: 64 },
    { waitsForDestination: true, waiting: 2 },
  ],
  ['the first call goes ahead alone', 'latency', { underWay: 1, concurrency: 1 }, {}],
  ['there is no room for chunks', 'destination', { underWay: 20 }, { waitsForDestination: true, waiting: 9 }],
  ['the last calls of the plan are under way', 'latency', { underWay: 20 }, { waiting: 9 }],
  ['only users who wait before they try again are left', 'backOff', {}, { waiting: 9 }],
  ['all is pulled', 'destination', {}, {}],
])('when %s, a run waits for the %s', (_, wait, callsNow, passNow) => {
  expect(bottleneck({ ...calls, ...callsNow }, { ...pass, ...passNow })).toBe(wait);
});
