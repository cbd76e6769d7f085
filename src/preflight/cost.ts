import type { RunCounts } from '../destinations/contract/counts.ts';
import type { PlaceFacts } from '../destinations/contract/kind.ts';

/** Counts of some users: of a run, or of a sample. */
export type Experience = {
  readonly users: number;
  readonly calls: number;
  readonly conversations: number;
  readonly from: 'the last run' | 'the sample';
};

/** The estimated cost of a run. */
export type Cost = {
  readonly users: number;
  readonly calls: number;
  readonly conversations: number;
  /** Seconds at the quota. */
  readonly seconds: number;
  /** The rows on disk, with the space that a run needs beside them. */
  readonly bytes: number;
  /** The source of the bytes of a conversation. */
  readonly bytesFrom: 'measured' | 'assumed';
  readonly from: Experience['from'] | null;
};

/** A run's counts as experience; null when it had no users. */
export function asExperience(counts: RunCounts): Experience | null {
  const users = counts.exported + counts.notInApp + counts.failed;
  if (users === 0) return null;
  return { users, calls: counts.calls, conversations: counts.conversations, from: 'the last run' };
}

/**
 * The cost of `users`. Without experience, a user is one call and no conversation, which is the minimum.
 * @param rate calls a second
 * @param measuredBytes a conversation takes there now; null without a measurement, so that `assumed` counts
 */
export function estimateCost(
  users: number,
  rate: number,
  experience: Experience | null,
  measuredBytes: number | null,
  assumed: PlaceFacts['assumedBytes'],
): Cost {
  const perUser = (total: number | undefined, least: number): number =>
    experience === null || total === undefined ? least : total / experience.users;
  const calls = Math.max(users, Math.round(users * perUser(experience?.calls, 1)));
  const conversations = Math.round(users * perUser(experience?.conversations, 0));
  return {
    users,
    calls,
    conversations,
    seconds: calls / rate,
    bytes: Math.round(conversations * ((measuredBytes ?? assumed.kept) + assumed.whileAtWork)),
    bytesFrom: measuredBytes === null ? 'assumed' : 'measured',
    from: experience?.from ?? null,
  };
}
