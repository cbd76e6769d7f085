import type { WorkerNews } from '../../contract/sharing.ts';

/** Another process of the attempt, as its row says. */
export type SeenWorker = {
  readonly worker: number;
  readonly host: string;
  readonly has_left: boolean;
  readonly is_at_work: boolean;
  readonly open_chunks: number;
};

type State = 'at work' | 'silent' | 'left';

/** Notices what the other processes of an attempt do, each time once. */
export class WorkerWatch {
  readonly #own: number;
  #known: Map<number, State> | null = null;

  /** @param own the number of the worker that looks; numbers are given in the order in which workers join */
  constructor(own: number) {
    this.#own = own;
  }

  /**
   * What has changed since the last look; at the first look, since this worker joined.
   */
  look(workers: readonly SeenWorker[]): readonly WorkerNews[] {
    const before = this.#known ?? this.#joinedBefore(workers);
    this.#known = new Map(workers.map((seen) => [seen.worker, stateOf(seen)]));
    return workers.flatMap((seen) => {
      const kind = newsKind(before.get(seen.worker) ?? null, stateOf(seen));
      const { worker, host, open_chunks: chunks } = seen;
      return kind === null ? [] : [{ kind, worker, host, chunks: Number(chunks) }];
    });
  }

  #joinedBefore(workers: readonly SeenWorker[]): Map<number, State> {
    const earlier = workers.filter(({ worker }) => worker < this.#own);
    return new Map(earlier.map((seen) => [seen.worker, stateOf(seen)]));
  }
}

const stateOf = ({ has_left, is_at_work }: SeenWorker): State =>
  has_left ? 'left' : is_at_work ? 'at work' : 'silent';

function newsKind(before: State | null, now: State): WorkerNews['kind'] | null {
  if (before === now) return null;
  if (now === 'at work') return before === null ? 'joined' : 'returned';
  return now;
}
