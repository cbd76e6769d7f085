import { addCounts, NO_COUNTS, type RunCounts } from '../../src/destinations/contract/counts.ts';
import type {
  Chunk,
  ChunkResult,
  EncodedUser,
  RunEnd,
  RunRecord,
  RunWriter,
} from '../../src/destinations/contract/destination.ts';
import type { UserRows } from '../../src/rows/normalize.ts';
import { sampleRun } from '../support/sample-run.ts';

/** A run whose rows are discarded: only the cost of pulling is left. */
export class DiscardingRun implements RunWriter {
  readonly record: RunRecord;
  readonly usersDone = 0;
  readonly earlier = null;
  readonly shared = null;
  readonly #userAt: (place: number) => string;
  #counts: RunCounts = NO_COUNTS;

  /** @param userAt the user of each place in the plan, from 0 */
  constructor(users: number, userAt: (place: number) => string) {
    this.#userAt = userAt;
    this.record = {
      ...sampleRun(users),
      runId: 1,
      status: 'running',
      startedAt: new Date().toISOString(),
      finishedAt: null,
      stopReason: null,
      error: null,
      attempts: 1,
      counts: NO_COUNTS,
    };
  }

  /** The counts of all committed chunks. */
  get counts(): RunCounts {
    return this.#counts;
  }

  async *openChunks(pass: 1 | 2): AsyncGenerator<Chunk> {
    const { chunkSize } = this.record;
    const { users } = this.record.list;
    for (let from = 0; pass === 1 && from < users; from += chunkSize) {
      const userIds = Array.from({ length: Math.min(chunkSize, users - from) }, (_, i) =>
        this.#userAt(from + i),
      );
      yield { number: from / chunkSize + 1, pass, userIds };
    }
  }

  encode({ userId }: UserRows): EncodedUser {
    return { userId, bytes: 0, moveTo: () => true };
  }

  async commit({ counts }: ChunkResult): Promise<RunCounts> {
    this.#counts = addCounts(this.#counts, counts);
    return counts;
  }

  async planSecondPass(): Promise<void> {}

  async finish(): Promise<RunEnd> {
    const finishedAt = new Date().toISOString();
    return {
      kind: 'finished',
      record: { ...this.record, status: 'finished', finishedAt, counts: this.#counts },
    };
  }

  async saveTimeline(): Promise<void> {}

  async stop(): Promise<void> {}
}
