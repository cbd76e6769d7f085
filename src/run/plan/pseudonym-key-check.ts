import type { Job } from '../../config/model/job.ts';
import type { Destination, RunIdentity } from '../../destinations/contract/destination.ts';
import { destinationKind } from '../../destinations/open/kinds.ts';
import { RunRefused } from '../errors/run-errors.ts';

type Naming = Pick<RunIdentity, 'keyFingerprint'>;

/**
 * Rows under two names for one user would count as two users.
 * @throws {RunRefused} when the destination holds rows of the app with IDs of another key
 */
export async function refuseToMix(destination: Destination, job: Job, now: Naming): Promise<void> {
  const refusal = assertSameKey(job, await destination.storedKeyFingerprint(), now);
  if (refusal !== null) throw new RunRefused(`${destination.name}: ${refusal.message}; ${refusal.hint}`);
}

/** Why a job is refused when rows have IDs of another key, and a hint; null when no such row exists. */
export function assertSameKey(
  { destination: place }: Job,
  rows: Naming | null,
  now: Naming,
): { readonly message: string; readonly hint: string } | null {
  if (rows === null || rows.keyFingerprint === now.keyFingerprint) return null;
  const { elsewhere } = destinationKind(place);
  const mixed = 'each user would be there twice, under two names that cannot be joined';
  const remove = "remove this app's rows there first (docs/privacy.md says how)";
  if (now.keyFingerprint === null) {
    return {
      message: `the rows that are there hold pseudonyms, and this job names no key: IDs in the clear would be written beside them, and ${mixed}`,
      hint: `name their key with --pseudonymize, choose ${elsewhere}, or ${remove}`,
    };
  }
  if (rows.keyFingerprint === null) {
    return {
      message: `--pseudonymize: the rows that are there hold user IDs in the clear; ${mixed}`,
      hint: `choose ${elsewhere}, or ${remove}`,
    };
  }
  return {
    message: `--pseudonymize: the rows that are there hold pseudonyms under another key; ${mixed}`,
    hint: `name that key, choose ${elsewhere}, or ${remove}`,
  };
}
