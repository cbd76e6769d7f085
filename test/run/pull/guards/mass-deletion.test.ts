import { describe, expect, test } from 'vitest';
import type { RowChange } from '../../../../src/destinations/contract/destination.ts';
import { massDeletion, massPruning, totalChanges } from '../../../../src/run/pull/guards/mass-deletion.ts';

const limits = { maxEmptiedUsers: 0.01, maxLostRows: 0.05 };

const kept: RowChange = { before: 20, after: 20, lost: 0 };
const emptied: RowChange = { before: 20, after: 0, lost: 20 };
const fresh: RowChange = { before: 0, after: 20, lost: 0 };
const shrunk = (lost: number): RowChange => ({ before: 20, after: 20 - lost, lost });
const users = (...parts: readonly (readonly [number, RowChange])[]): RowChange[] =>
  parts.flatMap(([count, change]) => Array.from({ length: count }, () => change));

describe('changes pass as what people do', () => {
  test.each([
    ['when nobody is there', users()],
    ['when all users are new', users([1_000, fresh])],
    ['when 1 % of the users are emptied', users([990, kept], [10, emptied])],
    ['when 5 % of the rows go', users([750, kept], [250, shrunk(4)])],
    ['when nine users lose all, however few there are', users([1, kept], [9, emptied])],
    [
      'when few users are emptied, however many others change a little',
      users([63, kept], [20, shrunk(1)], [1, emptied]),
    ],
    ['when the only one of many new users who had rows is emptied', users([500, fresh], [1, emptied])],
  ])('%s', (_, changes) => {
    expect(massDeletion(totalChanges(changes), limits)).toBeNull();
  });
});

describe('changes are suspicious', () => {
  test.each([
    [
      'when more than 1 % of the users are emptied',
      users([989, kept], [11, emptied], [500, fresh]),
      /of 1500 users checked together, 11 of 1000 with rows would lose them all \(1\.1%, over --max-emptied-users 1%\)/,
    ],
    [
      'when more than 5 % of the rows go',
      users([749, kept], [251, shrunk(4)]),
      /1004 of the 20000 rows of 1000 users \(5\.02%, over --max-lost-rows 5%\) would be removed/,
    ],
    [
      'when ten users lose all of many rows',
      users([100, kept], [10, emptied]),
      /10 of 110 with rows would lose them all/,
    ],
    ['when all of a few are emptied', users([3, emptied]), /all 3 with rows would lose them all/],
    ['when the only user is emptied', users([1, emptied]), /all 1 with rows would lose them all/],
  ])('%s', (_, changes, wrong) => {
    expect(massDeletion(totalChanges(changes), limits)).toMatch(wrong);
  });
});

test('a table that grows does not make up for one that shrinks', () => {
  const swapped: RowChange = { before: 20, after: 20, lost: 10 };
  expect(massDeletion(totalChanges(users([100, swapped])), limits)).toMatch(/1000 of the 2000 rows/);
});

test('limits of 100% let everything pass', () => {
  expect(
    massDeletion(totalChanges(users([100, emptied])), { maxEmptiedUsers: 1, maxLostRows: 1 }),
  ).toBeNull();
});

describe('users outside the list', () => {
  const all = { users: 1_000, rows: 20_000 };
  test.each([
    [{ users: 10, rows: 200 }, null],
    [{ users: 10, rows: 1_000 }, null],
    [{ users: 9, rows: 20_000 }, null],
    [
      { users: 11, rows: 0 },
      /11 of 1000 users exported before this run are not in the list \(1\.1%, over --max-emptied/,
    ],
    [
      { users: 10, rows: 1_002 },
      /have 1002 of 20000 rows of before this run \(5\.01%, over --max-lost-rows 5%\)/,
    ],
  ])('%o are judged like others', (outside, wrong) => {
    if (wrong === null) expect(massPruning(outside, all, limits)).toBeNull();
    else expect(massPruning(outside, all, limits)).toMatch(wrong);
  });

  test('are suspicious when they are all of them', () => {
    const few = { users: 2, rows: 5 };
    expect(massPruning(few, few, limits)).toMatch(/2 of 2 users exported before this run/);
  });
});
