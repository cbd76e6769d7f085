import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { WaitedTooLong } from '../destination-error.ts';
import { NoAnswer } from './server-errors.ts';

const LOOK_EVERY_MS = 10_000;
const ANSWERS_WITHIN_MS = 10_000;
const TELL_AFTER_MS = 60_000;

/** The server's process that does the work, and the connection over which it is asked after; null where none is there. */
export type Sides = { readonly worker: number; readonly asker: pg.Client | null };

export type WorkWatchOptions = {
  readonly name: string;
  /** How long others may hold what the work needs, and how long the work may take unless it may take long, ms. */
  readonly patienceMs: number;
  readonly mayTakeLong: boolean;
  readonly onNotice: (message: string) => void;
  /** Null while the work has no connection. */
  readonly sides: () => Sides | null;
};

/** What the worker's process is seen to do: `holders` are those whose locks it waits for. */
type Sight = { readonly waits: boolean; readonly holders: string | null };

/**
 * Watches one piece of work, over as many tries as it takes. The system answers for a server that is frozen, so keep-alives
 * do not tell: the server itself is asked now and then, over the connection that does nothing else.
 */
export class WorkWatch {
  readonly #options: WorkWatchOptions;
  /** For what others hold, over all tries: each ends when the server's patience does. */
  #waitedMs = 0;
  /** When the try at hand began to be at work. */
  #workSince = 0;
  #hasTold = false;

  constructor(options: WorkWatchOptions) {
    this.#options = options;
  }

  /**
   * What the work comes to, as long as the server answers.
   * @throws {NoAnswer} when it does not any more, and {WaitedTooLong} when the patience is over; the work itself goes on until
   * its connections are closed
   */
  within<T>(work: () => Promise<T>): Promise<T> {
    const over = new AbortController();
    this.#workSince = performance.now();
    return new Promise((resolve, reject) => {
      this.#look(over.signal).catch((error) => {
        if (!over.signal.aborted) reject(error);
      });
      work()
        .then(resolve, reject)
        .finally(() => over.abort());
    });
  }

  async #look(over: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: over, ref: false });
      const { worker, asker = null } = this.#options.sides() ?? {};
      // Where a connection is only being made, that has its own bounds.
      if (worker === undefined || asker === null) continue;
      const sight = await Promise.race([
        // A connection that is lost ends the work, which tells of it.
        seen(asker, worker).catch(() => null),
        sleep(ANSWERS_WITHIN_MS, 'silent' as const, { signal: over, ref: false }),
      ]);
      if (sight === 'silent') throw new NoAnswer(`no answer within ${ANSWERS_WITHIN_MS / 1000} s`);
      if (sight !== null && !over.aborted) this.#judge(sight);
    }
  }

  #judge({ waits, holders }: Sight): void {
    const { name, patienceMs, mayTakeLong, onNotice } = this.#options;
    if (waits) {
      this.#waitedMs += LOOK_EVERY_MS;
      this.#workSince = performance.now();
    }
    if (!waits && mayTakeLong) return;
    const ms = waits ? this.#waitedMs : performance.now() - this.#workSince;
    const upTo = `${inSeconds(patienceMs)} (--max-outage)`;
    const by = holders ?? 'others';
    if (ms > patienceMs) {
      throw new WaitedTooLong(
        waits
          ? `${name}: what the run needs was held for over ${upTo} by ${by}; have that ended`
          : `${name}: a statement was not done within ${upTo}, though the server answers; see what keeps it`,
      );
    }
    if (this.#hasTold || (!waits && ms < TELL_AFTER_MS)) return;
    this.#hasTold = true;
    onNotice(
      waits
        ? `${name}: what the run needs is held by ${by}; it waits up to ${upTo}`
        : `${name}: a statement has taken ${inSeconds(ms)} so far; the run waits up to ${upTo}`,
    );
  }
}

const inSeconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

/** Null when the worker's process is no more. */
async function seen(client: pg.ClientBase, worker: number): Promise<Sight | null> {
  const { rows } = await client.query(
    `select a.wait_event_type is not distinct from 'Lock' as waits,
            (select string_agg(format('%s (process %s of role %s)', coalesce(nullif(b.application_name, ''), 'a session'),
                                      b.pid, b.usename), ', ')
             from pg_stat_activity b
             where a.wait_event_type = 'Lock' and b.pid = any(pg_blocking_pids(a.pid))) as holders
     from pg_stat_activity a where a.pid = $1`,
    [worker],
  );
  const [row] = rows;
  return row === undefined ? null : { waits: row.waits === true, holders: row.holders as string | null };
}
