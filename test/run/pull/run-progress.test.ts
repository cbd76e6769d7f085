import { expect, test } from 'vitest';
import { NO_COUNTS } from '../../../src/destinations/contract/counts.ts';
import type { RunWriter } from '../../../src/destinations/contract/destination.ts';
import { DestinationError } from '../../../src/destinations/contract/destination-error.ts';
import { RunProgress } from '../../../src/run/pull/run-progress.ts';

const opened = {
  record: { list: { users: 10 }, counts: { ...NO_COUNTS, exported: 2, calls: 3 } },
  usersDone: 2,
} as RunWriter;

test('progress starts at what earlier attempts committed, and adds each committed chunk', () => {
  const progress = new RunProgress(opened, 'csv:export');
  progress.add({ usersDone: 4, counts: { ...NO_COUNTS, exported: 3, failed: 1, calls: 5 } });
  expect(progress).toMatchObject({ usersDone: 6, counts: { exported: 5, failed: 1, calls: 8 } });
});

test('after lost commits the totals are those of the ledger, and the loss is said in users', () => {
  const progress = new RunProgress(opened, 'postgres://db');
  progress.add({ usersDone: 8, counts: { ...NO_COUNTS, exported: 8 } });
  const lost = progress.takeBack({ usersDone: 7, counts: { ...NO_COUNTS, exported: 7 } });
  expect(lost).toMatch(
    /^postgres:\/\/db: the server has lost what it had committed .*: 3 users of the plan$/,
  );
  expect(progress).toMatchObject({ usersDone: 7, counts: { exported: 7 } });
  progress.add({ usersDone: 3, counts: { ...NO_COUNTS, exported: 3 } });
  expect(progress.takeBack({ usersDone: 10, counts: NO_COUNTS })).toMatch(/: the end of the run$/);
});

test('the sixth loss in one attempt ends it, and leaves the totals as they were', () => {
  const progress = new RunProgress(opened, 'postgres://db');
  const ledger = { usersDone: 1, counts: { ...NO_COUNTS, exported: 1 } };
  for (let loss = 1; loss <= 5; loss += 1) progress.takeBack(ledger);
  progress.add({ usersDone: 1, counts: NO_COUNTS });
  expect(() => progress.takeBack(ledger)).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(/9 users of the plan, for the 6th time in this/),
    }),
  );
  expect(() => progress.takeBack(ledger)).toThrow(DestinationError);
  expect(progress.usersDone).toBe(2);
});
