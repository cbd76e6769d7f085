import type { ChunkClaim, ChunkQueue, QueuedChunk } from './chunk-queue.ts';
import type { BossDatabase } from './pg-boss.ts';

// A third of the heartbeat that pg-boss expects.
const KEEP_EVERY_MS = 3_000;

type Held = { readonly claim: ChunkClaim; readonly lost: AbortController };

/**
 * What was claimed. `none`: no chunk is free, or the next one belongs to a later pass. `earlier`: a chunk of an earlier pass came
 * back, which this process took for committed.
 */
export type NextChunk =
  | { readonly kind: 'chunk'; readonly chunk: number; readonly lost: AbortSignal }
  | { readonly kind: 'none' | 'earlier' };

const NONE: NextChunk = { kind: 'none' };

/** The chunks that this worker has claimed. Their heartbeats continue until each is committed, given back, or lost. */
export class ChunkClaims {
  readonly #queue: ChunkQueue;
  /** For heartbeats: a transaction that keeps pg-boss waiting must not delay them. */
  readonly #heartbeats: BossDatabase;
  readonly #held = new Map<number, Held>();
  /** A chunk of the second pass that was claimed while the first was still being read. */
  #kept: ChunkClaim | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(queue: ChunkQueue, heartbeats: BossDatabase) {
    this.#queue = queue;
    this.#heartbeats = heartbeats;
  }

  start(): void {
    const again = (): void => {
      if (!this.#isClosed) this.#timer = setTimeout(keep, KEEP_EVERY_MS).unref();
    };
    const keep = (): void => void this.#keepAll().then(again, again);
    again();
  }

  /** The claim of a chunk that is open here, or null. */
  of(chunk: number): ChunkClaim | null {
    return this.#held.get(chunk)?.claim ?? null;
  }

  /** The chunks that are open here. */
  get chunks(): readonly number[] {
    return [...this.#held.keys()];
  }

  /**
   * Claims a chunk of this attempt and pass. A job of an earlier attempt is dropped. A job of a later one is given back: this
   * process was frozen, and others have taken over.
   */
  async next(wanted: Omit<QueuedChunk, 'chunk'>): Promise<NextChunk> {
    for (;;) {
      const claim = this.#kept ?? (await this.#queue.claim());
      this.#kept = null;
      if (claim === null) return NONE;
      const age = ageOf(claim.data, wanted);
      if (age === 'earlier') {
        await this.#queue.drop(claim);
        continue;
      }
      if (age === 'later') {
        await this.#queue.giveBack(claim);
        return NONE;
      }
      const { chunk, pass } = claim.data;
      if (pass > wanted.pass) {
        this.#kept = claim;
        return NONE;
      }
      if (pass < wanted.pass) {
        await this.#queue.giveBack(claim);
        return { kind: 'earlier' };
      }
      // The same chunk may still be open here, after its claim was lost and came back.
      this.#held.get(chunk)?.lost.abort();
      const lost = new AbortController();
      this.#held.set(chunk, { claim, lost });
      return { kind: 'chunk', chunk, lost: lost.signal };
    }
  }

  /** The claim needs no more work of this worker: its chunk is committed, or another worker's. */
  forget(claim: ChunkClaim): void {
    const { chunk } = claim.data;
    if (this.#held.get(chunk)?.claim === claim) this.#held.delete(chunk);
  }

  /** Drops the job of a chunk that was committed already. */
  async drop(chunk: number): Promise<void> {
    const held = this.#held.get(chunk);
    this.#held.delete(chunk);
    if (held !== undefined) await this.#queue.drop(held.claim);
  }

  /** Gives a chunk back that this worker has not begun. */
  async giveBack(chunk: number): Promise<void> {
    const held = this.#held.get(chunk);
    this.#held.delete(chunk);
    if (held !== undefined) await this.#queue.giveBack(held.claim);
  }

  /** Gives back all that is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const left = [...this.#held.values()].map(({ claim }) => claim);
    if (this.#kept !== null) left.push(this.#kept);
    this.#held.clear();
    this.#kept = null;
    for (const claim of left) await this.#queue.giveBack(claim);
  }

  async #keepAll(): Promise<void> {
    const claims = [...this.#held.values()].map(({ claim }) => claim);
    if (this.#kept !== null) claims.push(this.#kept);
    for (const claim of await this.#queue.keep(claims, this.#heartbeats)) {
      const held = this.#held.get(claim.data.chunk);
      // It may have been claimed anew meanwhile.
      if (held?.claim === claim) held.lost.abort();
      this.forget(claim);
      if (this.#kept === claim) this.#kept = null;
    }
  }
}

/** Whether a job belongs to an attempt before or after this one. */
function ageOf(job: QueuedChunk, now: Omit<QueuedChunk, 'chunk'>): 'earlier' | 'same' | 'later' {
  const difference = job.runId - now.runId || job.attempt - now.attempt;
  if (difference === 0) return 'same';
  return difference < 0 ? 'earlier' : 'later';
}
