import type { FileFormatName, JobDestination } from '../config/model/job.ts';
import type { RunCounts } from '../destinations/contract/counts.ts';

/** What was counted over some users: of a run, or of a sample. */
export type Experience = {
  readonly users: number;
  readonly calls: number;
  readonly conversations: number;
  readonly from: 'the last run' | 'the sample';
};

/** What a run will take, as far as experience tells. */
export type Cost = {
  readonly users: number;
  readonly calls: number;
  readonly conversations: number;
  /** Seconds at the quota. */
  readonly seconds: number;
  /** Of the rows, on disk, with what a run needs beside them. */
  readonly bytes: number;
  /** Whose bytes a conversation were taken. */
  readonly bytesFrom: 'measured' | 'assumed';
  readonly from: Experience['from'] | null;
};

type Form = Exclude<JobDestination['kind'], 'files'> | FileFormatName;

// As `check` tells of an export of `simulate --users 3000 --conversations 49`, rows of all tables included: 380 in a database
// with its indexes, 150 as CSV, 25 packed by gzip, 23 as Parquet; and some to spare.
const ASSUMED_BYTES: Readonly<Record<Form, number>> = {
  postgres: 390,
  embedded: 390,
  csv: 155,
  'csv.gz': 27,
  parquet: 25,
};

// Parquet is made of rows that lie beside it as CSV until the run has finished.
const bytesBeside = (form: Form): number => (form === 'parquet' ? ASSUMED_BYTES.csv : 0);

/** A run's counts as experience; null when it had no users to learn from. */
export function experienceOf(counts: RunCounts): Experience | null {
  const users = counts.exported + counts.notInApp + counts.failed;
  if (users === 0) return null;
  return { users, calls: counts.calls, conversations: counts.conversations, from: 'the last run' };
}

/**
 * What `users` will take. Without experience a user is one call and no conversation: the least there is.
 * @param rate calls a second
 * @param measuredBytes a conversation takes there now; null where there is none yet
 */
export function costOf(
  users: number,
  rate: number,
  experience: Experience | null,
  measuredBytes: number | null,
  destination: JobDestination,
): Cost {
  const perUser = (total: number | undefined, least: number): number =>
    experience === null || total === undefined ? least : total / experience.users;
  const calls = Math.max(users, Math.round(users * perUser(experience?.calls, 1)));
  const conversations = Math.round(users * perUser(experience?.conversations, 0));
  const form = destination.kind === 'files' ? destination.form : destination.kind;
  return {
    users,
    calls,
    conversations,
    seconds: calls / rate,
    bytes: Math.round(conversations * ((measuredBytes ?? ASSUMED_BYTES[form]) + bytesBeside(form))),
    bytesFrom: measuredBytes === null ? 'assumed' : 'measured',
    from: experience?.from ?? null,
  };
}
