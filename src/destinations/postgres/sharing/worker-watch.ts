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
  #known: Map<number, State> | null = null;

  /** What has changed since the last look. The first look has no news: it shows who was there before. */
  look(workers: readonly SeenWorker[]): readonly WorkerNews[] {
    const before = this.#known;
    this.#known = new Map(workers.map((seen) => [seen.worker, stateOf(seen)]));
    if (before === null) return [];
    return workers.flatMap((seen) => {
      const kind = newsKind(before.get(seen.worker) ?? null, stateOf(seen));
      const { worker, host, open_chunks: chunks } = seen;
      return kind === null ? [] : [{ kind, worker, host, chunks: Number(chunks) }];
    });
  }
}

const stateOf = ({ has_left, is_at_work }: SeenWorker): State =>
  has_left ? 'left' : is_at_work ? 'at work' : 'silent';

function newsKind(before: State | null, now: State): WorkerNews['kind'] | null {
  if (before === now) return null;
  if (now === 'at work') return before === null ? 'joined' : 'returned';
  return now;
}
