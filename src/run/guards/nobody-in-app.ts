import type { RunCounts } from '../../destinations/counts.ts';
import { GuardTripped } from '../guard-tripped.ts';

const FIRST_USERS = 1_000;

/** Stops a run whose first thousand users are all unknown to the app: it is another app's list, or another list's app. */
export class NobodyInApp {
  #strangers: number;
  #somebody: boolean;

  /** @param before what earlier starts of the run committed */
  constructor(before: RunCounts) {
    this.#strangers = before.notInApp;
    this.#somebody = before.exported + before.failed > 0;
  }

  /** @throws {GuardTripped} */
  admit({ exported, failed, notInApp }: RunCounts): void {
    this.#somebody ||= exported + failed > 0;
    this.#strangers += notInApp;
    if (this.#somebody || this.#strangers < FIRST_USERS) return;
    throw new GuardTripped(
      `none of the first ${this.#strangers} users is in the app; compare --sdk-app-id and --region with the user list; a list that is mended counts from a run begun with --fresh`,
    );
  }
}
