import type { ChunkResult } from '../../destinations/contract/destination.ts';
import { newTally } from './api-caller.ts';

/** The probes of a run. They are calls of no chunk: the next one that is committed counts them with its own. */
export class Probes {
  /** Those that no chunk has counted yet. */
  readonly tally = newTally();

  /** What is to be committed, with the probes made so far. */
  countedIn(result: ChunkResult): ChunkResult {
    const { calls, pages, errors } = this.tally;
    if (calls === 0) return result;
    const summed = { ...result.counts.errors };
    for (const [error, count] of Object.entries(errors)) summed[error] = (summed[error] ?? 0) + count;
    const counts = {
      ...result.counts,
      calls: result.counts.calls + calls,
      pages: result.counts.pages + pages,
      errors: summed,
    };
    Object.assign(this.tally, newTally());
    return { ...result, counts };
  }
}
