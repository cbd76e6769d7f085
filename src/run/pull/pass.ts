import type { RunCounts } from '../../destinations/contract/counts.ts';
import type { Chunk, ChunkResult, RunWriter } from '../../destinations/contract/destination.ts';
import type { UnexportedUserRow } from '../../rows/tables.ts';
import type { CallTally } from '../calls/api-caller.ts';
import type { PassNow } from '../calls/bottleneck.ts';
import { GuardTripped } from '../errors/run-errors.ts';
import type { ConditionVariable } from './condition-variable.ts';
import type { Guards } from './guards/guards.ts';
import type { InFlight } from './in-flight/in-flight.ts';
import { OpenChunk, type OpenChunkOptions } from './open-chunk.ts';

const MAX_OPEN_CHUNKS = 8;
// A chunk of 200 users takes 0.3 MiB with ten conversations each, and 27 MiB with a thousand. Most of it can be in temporary
// files (`InFlight`). This limit bounds those files, and the calls that are repeated after a kill.
const MAX_BYTES_HELD = 128 * 1024 * 1024;

export type PassOptions = {
  readonly run: RunWriter;
  readonly pass: 1 | 2;
  readonly pull: OpenChunkOptions['pull'];
  /** True when more work is needed to keep the calls coming. */
  readonly needsWork: () => boolean;
  /** Notified when a call gets its turn, and by the pass itself. */
  readonly condition: ConditionVariable;
  readonly guards: Pick<Guards, 'observe' | 'check' | 'waitingChunks' | 'waitingWithoutRows' | 'evaluateNow'>;
  readonly removeNotInApp: boolean;
  readonly total: CallTally;
  readonly inFlight: InFlight;
  /** Adds calls that belong to no chunk to a chunk before its commit. */
  readonly withProbes?: (result: ChunkResult) => ChunkResult;
  /** Asks to stop: no user starts, and the pulled users are committed. */
  readonly stop: AbortSignal;
  readonly onCommitted: (chunk: Chunk, counts: RunCounts, users: number) => void;
  readonly onUnexported: (user: UnexportedUserRow) => void;
};

/** One pass over the open chunks of a plan. Several chunks are pulled at once. Each is committed when its users are processed. */
export class Pass {
  readonly #options: PassOptions;
  readonly #open = new Set<OpenChunk>();
  /** Of these, the chunks whose pulls have finished and which wait for a guard or a commit. */
  #storing = 0;
  /** Whether the next chunk is being read, or does not fit. */
  #next: 'read' | 'no-room' | null = null;
  #failure: { readonly error: unknown } | null = null;
  #isOver = false;
  #isPaused = false;
  /** Aborted with a failure: no more chunks are read. */
  readonly #ended = new AbortController();

  constructor(options: PassOptions) {
    this.#options = options;
  }

  /** Users who wait before their next attempt. */
  get waiting(): number {
    let waiting = 0;
    for (const chunk of this.#open) waiting += chunk.waiting;
    return waiting;
  }

  /** The bottleneck of the pass at this moment. */
  get now(): PassNow {
    const noRoom = this.#next === 'no-room' && this.#storing > 0;
    return { waitsForDestination: noRoom || this.#next === 'read', waiting: this.waiting };
  }

  /**
   * While it is paused, the pass claims no chunk of a shared run, and other processes pull those that are open here. Users who
   * were pulled are committed.
   */
  pause(isPaused: boolean): void {
    if (isPaused && !this.#isPaused) this.#deferAll();
    this.#isPaused = isPaused;
  }

  /** @throws the first error that ends the run, once no commit is under way */
  async run(): Promise<void> {
    const { run, pass, needsWork, stop, condition } = this.#options;
    const onStop = (): void => this.#deferAll();
    stop.addEventListener('abort', onStop);
    const feeding = condition.until(() => {
      this.#beginUsers();
      return this.#isOver;
    });
    try {
      this.#next = 'read';
      const waiting = {
        onIdle: () => {
          // Until then, the others may still pull users whom the guards need to see.
          if (run.shared?.doAllOthersWait === true) this.#decideIfAllWait();
        },
        isPaused: () => this.#isPaused,
        ended: this.#ended.signal,
      };
      for await (const chunk of run.openChunks(pass, waiting)) {
        await condition.until(() => {
          this.#beginUsers();
          const isWanted = needsWork();
          const hasRoom = isWanted && this.#makeRoom();
          this.#next = isWanted && !hasRoom ? 'no-room' : null;
          return this.#ending || this.#isPaused || hasRoom;
        });
        if (this.#ending) break;
        if (this.#isPaused) {
          await run.shared?.giveBack(chunk.number);
          continue;
        }
        // It waited for room, and is another process's by now.
        if (chunk.lost?.aborted) continue;
        this.#start(chunk);
        this.#next = 'read';
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#next = null;
    // Chunks that wait here are decided on with all that the others have pulled.
    await run.shared?.hearOthers();
    await condition.until(() => {
      this.#decideIfAllWait();
      return this.#open.size === 0;
    });
    stop.removeEventListener('abort', onStop);
    this.#isOver = true;
    condition.notify();
    await feeding;
    if (this.#failure !== null) throw this.#failure.error;
  }

  /**
   * Starts users only as calls are wanted. If a whole chunk started at once, the objects of each user would be old when their
   * call comes. Then the garbage collector frees them and their pages late.
   */
  #beginUsers(): void {
    for (const chunk of this.#open) while (this.#options.needsWork() && chunk.begin());
  }

  get #ending(): boolean {
    return this.#options.stop.aborted || this.#failure !== null;
  }

  /** Bytes of the chunks that are open or being committed. */
  get #bytesHeld(): number {
    let bytes = 0;
    for (const chunk of this.#open) bytes += chunk.bytes;
    return bytes;
  }

  /** Open chunks that do not wait for a guard. */
  get pullingChunks(): number {
    return this.#open.size - this.#options.guards.waitingChunks;
  }

  /** Whether another chunk fits. If not, users who only wait are moved to the second pass. */
  #makeRoom(): boolean {
    if (this.#open.size === 0) return true;
    const open = this.#open.size - this.#options.guards.waitingWithoutRows;
    if (open < MAX_OPEN_CHUNKS && this.#bytesHeld < MAX_BYTES_HELD) return true;
    this.#decideIfAllWait();
    if (this.#options.pass === 1 && !this.#isMakingRoom) {
      for (const chunk of this.#open) {
        if (!chunk.onlyWaits) continue;
        chunk.defer('second-pass');
        break;
      }
    }
    return false;
  }

  /**
   * Whether a deferred chunk is on its way out. One is enough, since its users start over in the second pass. A chunk that waits
   * for a guard frees nothing.
   */
  get #isMakingRoom(): boolean {
    let deferred = 0;
    for (const chunk of this.#open) if (chunk.isDeferred) deferred += 1;
    return deferred > this.#options.guards.waitingChunks;
  }

  /** When every open chunk waits for more users, no more can come. */
  #decideIfAllWait(): void {
    const { guards } = this.#options;
    if (this.#open.size > 0 && guards.waitingChunks === this.#open.size) guards.evaluateNow();
  }

  #start(chunk: Chunk): void {
    const { run, pull, guards, total, inFlight, condition } = this.#options;
    const open = new OpenChunk(chunk, {
      pull,
      onOutcome: (outcome) => guards.observe(chunk, outcome),
      encode: (user, more) => run.encode(user, more),
      total,
      inFlight,
      onChange: () => condition.notify(),
    });
    this.#open.add(open);
    // Its users are another process's now.
    chunk.lost?.addEventListener('abort', () => open.defer('later'), { once: true });
    void this.#close(open);
    this.#beginUsers();
  }

  async #close(open: OpenChunk): Promise<void> {
    const { run, guards, removeNotInApp, stop, withProbes, onCommitted, onUnexported } = this.#options;
    try {
      await open.pulled.finally(() => {
        this.#storing += 1;
      });
      const result = open.result(removeNotInApp);
      // Stopped half-way: pulled users count, the others become a new planned chunk. If no user was pulled, the chunk stays as it
      // is.
      const { length: left } = result.remaining;
      const isUntouched = left > 0 && left === open.chunk.userIds.length;
      // Of a shared run: this process lives on, and would keep the chunk claimed.
      if (isUntouched && !stop.aborted && !open.chunk.lost?.aborted)
        await run.shared?.giveBack(open.chunk.number);
      if (isUntouched || this.#failure !== null || open.chunk.lost?.aborted) return;
      const changes = await guards.check(result);
      if (this.#failure === null) {
        const counts = await run.commit(withProbes?.(result) ?? result, changes);
        // Its users are pulled again when the end of the run finds them missing.
        if (counts === null) return;
        for (const user of result.unexported) onUnexported(user);
        onCommitted(open.chunk, counts, open.chunk.userIds.length - result.deferred.length - left);
      }
    } catch (error) {
      // After a stop, too few users may be there for a guard to decide. The next attempt decides.
      if (!(stop.aborted && error instanceof GuardTripped)) this.#fail(error);
    } finally {
      this.#storing -= 1;
      this.#open.delete(open);
      open.close();
      this.#options.condition.notify();
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#ended.abort();
    this.#deferAll();
  }

  #deferAll(): void {
    for (const chunk of this.#open) chunk.defer('later');
    this.#options.condition.notify();
  }
}
