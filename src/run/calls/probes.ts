import type { ChunkResult } from '../../destinations/contract/destination.ts';
import { newTally } from './api-caller.ts';

/** The probes of a run. They belong to no chunk: the next committed chunk counts them with its own calls. */
export class Probes {
  /** Probes that no chunk has counted yet. */
  readonly tally = newTally();

  /** The result of a chunk, with the probes made so far. */
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
