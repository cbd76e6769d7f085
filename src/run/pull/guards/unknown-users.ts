import type { RunCounts } from '../../../destinations/contract/counts.ts';
import { GuardTripped } from '../../errors/guard-tripped.ts';

const FIRST_USERS = 1_000;

const NEXT =
  'compare --sdk-app-id and --region with the user list, and look at how its IDs are spelled. A corrected list needs --fresh. ' +
  'If nobody of the list is in the app, start again with --allow-mass-deletion';

export type UnknownUsersLimits = { readonly allowMassDeletion: boolean };

/** Stops a run whose first thousand users are all unknown to the app: it is another app's list, or another list's app. */
export class UnknownUsersGuard {
  readonly #limits: UnknownUsersLimits;
  #strangers: number;
  #somebody: boolean;

  /** @param before what earlier starts of the run committed */
  constructor(before: RunCounts, limits: UnknownUsersLimits) {
    this.#limits = limits;
    this.#strangers = before.notInApp;
    this.#somebody = before.exported + before.failed > 0;
  }

  /** @throws {GuardTripped} */
  check({ exported, failed, notInApp }: RunCounts): void {
    this.#somebody ||= exported + failed > 0;
    this.#strangers += notInApp;
    if (this.#somebody || this.#strangers < FIRST_USERS || this.#limits.allowMassDeletion) return;
    throw new GuardTripped(`none of the first ${this.#strangers} users is in the app; ${NEXT}`);
  }
}

export type EndedPlan = {
  /** Of the whole run. */
  readonly counts: RunCounts;
  /** Whether the destination holds a user of this app whom an earlier run exported. */
  readonly holdsUsers: boolean;
  /** Whether the plan holds the failed users of an earlier run, all of whom may have left the app. */
  readonly isRetry: boolean;
  readonly limits: UnknownUsersLimits;
};

/**
 * Judges a run that has done all of its plan, however short it is, before it takes the place of a former one. Where nobody was exported
 * before there is nothing to lose: an app may be new, and its users not in it yet.
 * @throws {GuardTripped} when nobody of the plan is in the app, and somebody was before
 */
export function refuseUnknownUsers({ counts, holdsUsers, isRetry, limits }: EndedPlan): void {
  const { exported, failed, notInApp } = counts;
  if (notInApp === 0 || exported + failed > 0) return;
  if (!holdsUsers || isRetry || limits.allowMassDeletion) return;
  const who =
    notInApp === 1 ? 'the only user of the list is not' : `none of the ${notInApp} users of the list is`;
  throw new GuardTripped(
    `${who} in the app, but an earlier run exported users here: the run was not finished, and what it exported stays; ${NEXT}`,
  );
}
