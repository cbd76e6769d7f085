import type { UnexportedUserRow } from '../../rows/tables.ts';

/** Failed users of one cause: a code of the API or, without one, a reason. */
export type FailedOfCause = {
  readonly cause: string;
  /** The count of all of them, also of users who are not in `users`. */
  readonly count: number;
  readonly users: readonly UnexportedUserRow[];
};

const MAX_READ_FOR_CAUSE = 25;
const MOST = 200;
// The search for users of a rare cause stops after this many.
const MAX_READ = 100_000;

/**
 * Failed users by cause, the most frequent cause first. A readable number of users is kept, the rest is counted.
 * @param unexported those not in the app last, who have not failed
 * @param failures the counts of all
 */
export async function failedByCause(
  unexported: AsyncIterable<UnexportedUserRow>,
  failures: Readonly<Record<string, number>>,
): Promise<FailedOfCause[]> {
  const found = new Map<string, { readonly wanted: number; readonly users: UnexportedUserRow[] }>();
  let missing = 0;
  for (const [cause, count] of Object.entries(failures)) {
    const wanted = Math.min(count, MAX_READ_FOR_CAUSE);
    found.set(cause, { wanted, users: [] });
    missing += wanted;
  }
  missing = Math.min(missing, MOST);
  let read = 0;
  if (missing > 0) {
    for await (const user of unexported) {
      read += 1;
      if (user.reason === 'not_in_app' || read > MAX_READ) break;
      const of = found.get(user.error_code === null ? user.reason : String(user.error_code));
      if (of === undefined || of.users.length >= of.wanted) continue;
      of.users.push(user);
      missing -= 1;
      if (missing === 0) break;
    }
  }
  return Object.entries(failures)
    .map(([cause, count]) => ({ cause, count, users: found.get(cause)?.users ?? [] }))
    .sort((a, b) => b.count - a.count);
}
