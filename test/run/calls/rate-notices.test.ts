import { expect, test } from 'vitest';
import type { Refusal } from '../../../src/resilience/rate-control.ts';
import { RateNotices } from '../../../src/run/calls/rate-notices.ts';

const error = (refusal: Refusal, at: number, more: { throttleRatio?: number; marginMs?: number } = {}) => ({
  refusal,
  at,
  throttleRatio: 1,
  marginMs: 8,
  ...more,
});

test('a margin that widens is noted when it has doubled, once for each doubling, with why and what it costs', () => {
  const notices = new RateNotices(200, 'auto');
  expect(notices.limited(error('bunched', 0, { marginMs: 11 }))).toBeNull();
  expect(notices.limited(error('bunched', 100, { marginMs: 17 }))).toBe(
    'rate-limit errors although calls keep the rate: requests bunch on their way. The margin is now 17 ms, which costs 1.7 % of the quota; it narrows when errors cease',
  );
  expect(notices.limited(error('bunched', 200, { marginMs: 20 }))).toBeNull();
  expect(notices.limited(error('bunched', 300, { marginMs: 10 }))).toBeNull();
  expect(notices.limited(error('bunched', 400, { marginMs: 17 }))).toBeNull();
  expect(notices.limited(error('bunched', 500, { marginMs: 70 }))).toMatch(
    /now 70 ms, which costs 6\.5 % of the quota; it narrows when errors cease\. If it stays so wide, the quota may be lower than --rate$/,
  );
  expect(notices.limited(error('bunched', 600, { marginMs: 80 }))).toBeNull();
});

test('a rate that is cut to less than 60 % is noted once', () => {
  const notices = new RateNotices(100, 'auto');
  expect(notices.limited(error('shared', 0, { throttleRatio: 0.61 }))).toBeNull();
  expect(notices.limited(error('shared', 100, { throttleRatio: 0.55 }))).toBe(
    'rate limited by the API: now at 55 % of 100 calls/s. If this lasts, another client shares the quota, or the quota is lower than --rate: lower --rate',
  );
  expect(notices.limited(error('shared', 200, { throttleRatio: 0.5 }))).toBeNull();
});

test('refusals below the rate that last a minute are noted once, with the rate that was accepted', () => {
  const notices = new RateNotices(200, 'auto');
  const said: (string | null)[] = [];
  for (let second = 0; second <= 70; second += 2) {
    for (let n = 0; n < 280; n += 1) notices.accepted();
    said.push(notices.limited(error('shared', second * 1000)));
  }
  expect(said.filter((one) => one !== null)).toEqual([
    'rate limited by the API below the rate for 1 min: 140 of 200 calls/s were accepted. Another client shares the quota, or the quota is lower than --rate: lower --rate',
  ]);
  expect(said[30]).not.toBeNull();
});

test('refusals that come a quarter of a minute apart do not last', () => {
  const notices = new RateNotices(200, 'auto');
  for (let second = 0; second <= 160; second += 16)
    expect(notices.limited(error('shared', second * 1000))).toBeNull();
});
