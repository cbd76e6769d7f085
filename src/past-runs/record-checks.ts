import type { ArchivedRun } from '../destinations/contract/run-archive.ts';
import { exactly, type Verification } from '../destinations/contract/verification.ts';

/** The checks of a run's record against itself. */
export function* recordChecks({ record, usersDone }: ArchivedRun): Generator<Verification> {
  const { list, counts, status } = record;
  const { lines, users, beyondLimit, duplicates, bad, blank, suppressed } = list;
  yield exactly(
    'lines = users + beyond --limit + duplicates + bad + blank + suppressed',
    lines,
    users + beyondLimit + duplicates + bad + blank + suppressed,
  );
  const notReached = status === 'finished' ? 0 : users - usersDone;
  yield exactly(
    'users = exported + not in the app + failed + not reached',
    users,
    counts.exported + counts.notInApp + counts.failed + notReached,
  );
  const failures = Object.values(counts.failures).reduce((sum, count) => sum + count, 0);
  yield exactly('failed = the sum by code', counts.failed, failures);
}
