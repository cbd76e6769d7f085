import { setTimeout as sleep } from 'node:timers/promises';
import type { Chunk } from '../../contract/destination.ts';
import type { ChunkClaims } from './chunk-claims.ts';
import type { ChunkQueue } from './chunk-queue.ts';
import type { Cohort } from './cohort.ts';
import { unlessLost } from './poll.ts';

/** What a run needs to share its work. */
export type SharedWork = {
  readonly queue: ChunkQueue;
  readonly claims: ChunkClaims;
  readonly cohort: Cohort;
  /** Ends the waiting for chunks. */
  readonly stop: AbortSignal;
};

export type ClaimedChunksOptions = {
  readonly runId: number;
  readonly attempt: number;
  readonly pass: 1 | 2;
  /** As in `WaitingForChunks`. */
  readonly onIdle: () => void;
  readonly isPaused: () => boolean;
  readonly ended: AbortSignal;
  /** The users of a chunk; null when it is committed, or not part of the pass. */
  readonly usersOf: (chunk: number) => Promise<string[] | null>;
  /** Whether a chunk of the pass is open that is not one of these. @throws when the attempt is no longer this process's */
  readonly isAnyOpenElsewhere: (mine: readonly number[]) => Promise<boolean>;
  /** Queues open chunks again that no job names. */
  readonly queueLost: () => Promise<void>;
};

// Chunks of a dead worker are free after about eleven seconds. This is the rest of the time until they are at work again.
const CLAIM_EVERY_MS = 500;
// A worker that waits for chunks of others looks for lost jobs from time to time.
const LOOK_FOR_LOST_EVERY = 20;

/**
 * Claims chunk after chunk, until no chunk of the pass is open elsewhere, by the ledger. The queue may be empty before that:
 * other workers hold the rest, and what they lose comes back. Only the ledger decides, so a job that is missing, whatever removed
 * it, is queued again: without that, every worker would wait for it.
 */
export async function* claimedChunks(
  claims: ChunkClaims,
  {
    runId,
    attempt,
    pass,
    onIdle,
    isPaused,
    ended,
    usersOf,
    isAnyOpenElsewhere,
    queueLost,
  }: ClaimedChunksOptions,
): AsyncGenerator<Chunk> {
  let idle = 0;
  while (!ended.aborted) {
    const claimed = isPaused() ? null : await unlessLost(() => claims.next({ runId, attempt, pass }));
    if (claimed?.kind === 'earlier') return;
    if (claimed?.kind !== 'chunk') {
      if (!(await isAnyOpenElsewhere(claims.chunks))) return;
      onIdle();
      idle += 1;
      if (idle % LOOK_FOR_LOST_EVERY === 0) await queueLost();
      await sleep(CLAIM_EVERY_MS, undefined, { signal: ended }).catch(() => {});
      continue;
    }
    idle = 0;
    const userIds = await usersOf(claimed.chunk);
    if (userIds === null) {
      await unlessLost(() => claims.drop(claimed.chunk));
      continue;
    }
    let isBegun = false;
    try {
      yield { number: claimed.chunk, pass, userIds, lost: claimed.lost };
      isBegun = true;
    } finally {
      // The reader wants no more chunks, and has not begun with this one.
      if (!isBegun) await unlessLost(() => claims.giveBack(claimed.chunk));
    }
  }
}
