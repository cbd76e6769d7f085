import { addCounts, type RunCounts } from '../../destinations/contract/counts.ts';
import type { Committed, RunWriter, SharedRun } from '../../destinations/contract/destination.ts';
import { DestinationError } from '../../destinations/contract/destination-error.ts';

// A database that loses commits again and again would have the same users pulled for ever.
const MAX_LOSSES = 5;

/** The committed totals of a run, over all of its attempts, in one place. Only the ledger can correct them. */
export class RunProgress implements Committed {
  readonly #destination: string;
  readonly #plannedUsers: number;
  readonly #shared: SharedRun | null;
  #committed: Committed;
  #losses = 0;

  /** @param destination its name in messages */
  constructor(
    {
      record,
      usersDone,
      shared,
    }: Pick<RunWriter, 'record' | 'usersDone'> & Partial<Pick<RunWriter, 'shared'>>,
    destination: string,
  ) {
    this.#shared = shared ?? null;
    this.#destination = destination;
    this.#plannedUsers = record.list.users;
    this.#committed = { usersDone, counts: record.counts };
  }

  get usersDone(): number {
    return this.#totals.usersDone;
  }

  get counts(): RunCounts {
    return this.#totals.counts;
  }

  /** In a shared run, those of all processes, which the destination adds up. */
  get #totals(): Committed {
    return this.#shared?.committed ?? this.#committed;
  }

  /** Adds a committed chunk. */
  add({ usersDone, counts }: Committed): void {
    this.#committed = {
      usersDone: this.usersDone + usersDone,
      counts: addCounts(this.counts, counts),
    };
  }

  /**
   * Replaces the totals by those of the ledger, because the destination lost commits.
   * @returns the loss, as a sentence without its full stop
   * @throws {DestinationError} when this has happened too often in this attempt
   */
  takeBack(ledger: Committed): string {
    this.#losses += 1;
    const lost = lostCommits(this.#destination, this.#plannedUsers - ledger.usersDone);
    if (this.#losses > MAX_LOSSES)
      throw new DestinationError(`${lost}, for the ${this.#losses}th time in this attempt; check the server`);
    this.#committed = ledger;
    return lost;
  }
}

const lostCommits = (destination: string, users: number): string =>
  `${destination}: the server has lost what it had committed (after a crash, a restore or a failover): ` +
  (users === 0 ? 'the end of the run' : `${users} users of the plan`);
