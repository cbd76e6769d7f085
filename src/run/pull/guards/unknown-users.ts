import type { RunCounts } from '../../../destinations/contract/counts.ts';
import type { ChunkResult, ExistingRows } from '../../../destinations/contract/destination.ts';
import { GuardTripped } from '../../errors/run-errors.ts';

const FIRST_USERS = 1_000;

const NEXT =
  'compare --sdk-app-id and --region with the user list, and check the spelling of its IDs. A corrected list needs --fresh. ' +
  'If no user of the list is in the app, start again with --allow-mass-deletion';

export type UnknownUsersLimits = { readonly allowMassDeletion: boolean };

export type UnknownUsersOptions = {
  /** The counts that earlier attempts of the run committed. */
  readonly before: RunCounts;
  readonly limits: UnknownUsersLimits;
  /** Null where removals never wait: files hold no earlier rows, and a retry of failed users expects some to have left. */
  readonly earlier: Pick<ExistingRows, 'usersToRemove'> | null;
  /** Called when a chunk starts to wait. */
  readonly onWait: () => void;
  /** Whether another process of a shared run has found a user in the app. */
  readonly isAnyKnownElsewhere: () => boolean;
};

/**
 * Stops a run whose first thousand users are all unknown to the app: the list or the app is the wrong one. A chunk that would
 * remove an exported user waits until a user of the plan is known to the app.
 */
export class UnknownUsersGuard {
  readonly #options: UnknownUsersOptions;
  #unknown: number;
  #isAnyUserKnown: boolean;
  /** Exported users whom the waiting chunks would remove. */
  #toRemove = 0;
  #waiting: (() => void)[] = [];

  constructor(options: UnknownUsersOptions) {
    const { exported, failed, notInApp } = options.before;
    this.#options = options;
    this.#unknown = notInApp;
    this.#isAnyUserKnown = exported + failed > 0;
  }

  /** Whether a user of the plan was found in the app, here or by an earlier attempt. */
  get hasKnownUser(): boolean {
    return this.#isAnyUserKnown;
  }

  /** Other processes may have found a user in the app. */
  lookElsewhere(): void {
    if (this.#options.isAnyKnownElsewhere()) this.#release();
  }

  /** Chunks that wait. No user of such a chunk is exported, so it holds no rows. */
  get waitingChunks(): number {
    return this.#waiting.length;
  }

  /** A user of the plan is known to the app: no chunk waits any longer. */
  recordKnownUser(): void {
    this.#isAnyUserKnown = true;
    this.#release();
  }

  /** Resolves when the chunk may be committed. @throws {GuardTripped} when it may not */
  async check(result: ChunkResult): Promise<void> {
    const { exported, failed, notInApp } = result.counts;
    if (exported + failed > 0) this.recordKnownUser();
    this.#unknown += notInApp;
    if (this.#isAllowed) return;
    if (this.#unknown >= FIRST_USERS)
      throw new GuardTripped(`none of the first ${this.#unknown} users is in the app; ${NEXT}`);
    const { earlier, onWait } = this.#options;
    if (earlier === null || notInApp === 0 || !result.removeNotInApp) return;
    const toRemove = await earlier.usersToRemove(result);
    if (toRemove === 0 || this.#isAllowed) return;
    this.#toRemove += toRemove;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      onWait();
    });
    if (!this.#isAllowed) throw new GuardTripped(this.#refusal);
  }

  /** No more users come: chunks that still wait are refused. */
  evaluateNow(): void {
    this.#release();
  }

  get #isAllowed(): boolean {
    const { limits, isAnyKnownElsewhere } = this.#options;
    return this.#isAnyUserKnown || limits.allowMassDeletion || isAnyKnownElsewhere();
  }

  get #refusal(): string {
    const users = this.#toRemove === 1 ? '1 user' : `${this.#toRemove} users`;
    return (
      `no user was found in the app (${this.#unknown} are not in it), and --not-in-app remove would remove ` +
      `${users} of an earlier run: none of them was removed; ${NEXT}`
    );
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export type EndedPlan = {
  /** Of the whole run. */
  readonly counts: RunCounts;
  /** Whether the destination holds a user of this app from an earlier run. */
  readonly holdsUsers: boolean;
  /** Whether the end of the run replaces an earlier export, as in files, or removes the users outside the plan. */
  readonly replaces: boolean;
  /** Whether the plan holds the failed users of an earlier run, all of whom may have left the app. */
  readonly isRetry: boolean;
  readonly limits: UnknownUsersLimits;
};

/**
 * Checks a run that has processed its whole plan, however short, before it replaces an earlier export. If no user was exported
 * before, or all rows stay, there is nothing to lose: a new app may not have its users yet.
 * @throws {GuardTripped} when no user of the plan is in the app, and some user was before
 */
export function refuseUnknownUsers({ counts, holdsUsers, replaces, isRetry, limits }: EndedPlan): void {
  const { exported, failed, notInApp } = counts;
  if (notInApp === 0 || exported + failed > 0) return;
  if (!holdsUsers || !replaces || isRetry || limits.allowMassDeletion) return;
  const who =
    notInApp === 1 ? 'the only user of the list is not' : `none of the ${notInApp} users of the list is`;
  throw new GuardTripped(
    `${who} in the app, but an earlier run exported users here: the run was not finished, and what it exported stays; ${NEXT}`,
  );
}
