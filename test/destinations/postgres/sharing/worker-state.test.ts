import { expect, test } from 'vitest';
import { NO_CHANGES } from '../../../../src/destinations/contract/counts.ts';
import type { WorkerReport } from '../../../../src/destinations/contract/sharing.ts';
import { doAllWait } from '../../../../src/destinations/postgres/sharing/worker-state.ts';

const reportOf = (pullingChunks: number): WorkerReport => ({
  pullingChunks,
  hasKnownUser: false,
  waiting: NO_CHANGES,
  answeredMsAgo: 0,
});

test('workers wait once none of them pulls a chunk', () => {
  expect(doAllWait([])).toBe(true);
  expect(doAllWait([reportOf(0), reportOf(0)])).toBe(true);
  expect(doAllWait([reportOf(0), reportOf(1)])).toBe(false);
});

test('a worker that has not reported yet may pull', () => {
  expect(doAllWait([reportOf(0), null])).toBe(false);
});
