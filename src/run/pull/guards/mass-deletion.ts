import type { GuardSettings } from '../../../config/model/job.ts';
import { type ChangeTotals, NO_CHANGES } from '../../../destinations/contract/counts.ts';
import type { RowChange, UsersAndRows } from '../../../destinations/contract/destination.ts';

/** Users who are checked together. */
export const CHECKED_USERS = 5_000;
// A few users who delete their own lists are not a mass deletion, even when they are a large share of a small job.
const FEW_USERS = 10;

type Limits = Pick<GuardSettings, 'maxEmptiedUsers' | 'maxLostRows'>;

/**
 * Whether the changes of these users look like a mistake: too many users lose all rows, too many rows go, or no user keeps any.
 * Pure.
 * @returns what is wrong, as the subject of a sentence; null when nothing is
 */
export function massDeletion(
  { users, had, emptied, losers, rows, lost }: ChangeTotals,
  limits: Limits,
): string | null {
  const all = emptied > 0 && emptied === had && (had > 1 || users === 1);
  const isMass = (some: number): boolean => all || some >= FEW_USERS;
  if (isMass(emptied) && emptied > limits.maxEmptiedUsers * had) {
    const who = all ? `all ${had}` : `${emptied} of ${had}`;
    return (
      `of ${users} users checked together, ${who} with rows would lose them all ` +
      `(${percents(emptied / had)}, over --max-emptied-users ${percents(limits.maxEmptiedUsers)})`
    );
  }
  if (isMass(losers) && lost > limits.maxLostRows * rows) {
    return `${lost} of the ${rows} rows of ${had} users (${percents(lost / rows)}, over --max-lost-rows ${percents(limits.maxLostRows)}) would be removed`;
  }
  return null;
}

/** Sums up the changes of users. */
export const totalChanges = (changes: readonly RowChange[]): ChangeTotals =>
  changes.reduce<ChangeTotals>(
    (sum, { before, after, lost }) => ({
      users: sum.users + 1,
      had: sum.had + (before === 0 ? 0 : 1),
      emptied: sum.emptied + (before > 0 && after === 0 ? 1 : 0),
      losers: sum.losers + (before > 0 && lost > 0 ? 1 : 0),
      rows: sum.rows + before,
      lost: sum.lost + (before > 0 ? lost : 0),
    }),
    NO_CHANGES,
  );

/**
 * The same check for users who are to be removed because they are not in the list.
 * @param before all users before the run; users added by the run do not count
 */
export function massPruning(outside: UsersAndRows, before: UsersAndRows, limits: Limits): string | null {
  if (outside.users < FEW_USERS && outside.users < before.users) return null;
  if (outside.users > limits.maxEmptiedUsers * before.users) {
    return (
      `${outside.users} of ${before.users} users exported before this run are not in the list ` +
      `(${percents(outside.users / before.users)}, over --max-emptied-users ${percents(limits.maxEmptiedUsers)})`
    );
  }
  if (outside.rows > limits.maxLostRows * before.rows) {
    return (
      `${outside.users} exported users who are not in the list have ${outside.rows} of ${before.rows} rows of before this run ` +
      `(${percents(outside.rows / before.rows)}, over --max-lost-rows ${percents(limits.maxLostRows)})`
    );
  }
  return null;
}

const percents = (share: number): string => `${Number((share * 100).toFixed(2))}%`;
