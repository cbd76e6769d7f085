import type { Job } from '../../config/model/job.ts';
import type { BeforeLock, RunRecord } from '../../destinations/contract/destination.ts';
import { STOPPED_BY_GUARD } from '../errors/why-stopped.ts';

/**
 * The next step of an attempt that may have waited for a lock. `finished`: it ends, because another attempt has finished the run.
 * `guard`: it ends, because a guard stopped the other attempt, and an operator must look before the run is resumed.
 */
export type AfterLockWait =
  | { readonly kind: 'proceed' }
  | { readonly kind: 'finished' | 'guard'; readonly run: RunRecord };

const PROCEED = { kind: 'proceed' } as const;

/**
 * Decides what an attempt does once it has the lock. A run counts if it is of this job and of the same kind (of the list, or of
 * failed users), and if its end came after `before`. Pure.
 * @param now the job's last run in its destination, or the run to resume; null when there is none
 */
export function afterLockWait(
  before: BeforeLock | null,
  now: RunRecord | null,
  { name, users, run: { fresh }, guards }: Pick<Job, 'name' | 'users' | 'run' | 'guards'>,
): AfterLockWait {
  // --fresh asks for one more run, whatever became of the last one.
  if (before === null || now === null || fresh) return PROCEED;
  const isRetry = users.failedOf !== null;
  if (now.job !== name || (now.retryOfRun !== null) !== isRetry) return PROCEED;
  const known = before.run?.runId === now.runId ? before.run : null;
  if (now.status === 'finished')
    return known?.status === 'finished' && !before.isAtWork ? PROCEED : { kind: 'finished', run: now };
  const isOtherStop = known?.stopReason !== now.stopReason || known?.attempts !== now.attempts;
  if (now.stopReason === STOPPED_BY_GUARD && isOtherStop && !guards.allowMassDeletion)
    return { kind: 'guard', run: now };
  return PROCEED;
}
