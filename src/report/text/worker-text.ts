import type { RunEvents } from '../../run/events/run-events.ts';
import { grouped } from '../../text/format.ts';
import { printable } from './printable.ts';

type WorkerNews = Parameters<NonNullable<RunEvents['onWorker']>>[0];

/** What another process of a shared run does, in a sentence without its full stop. */
export function workerText({ kind, worker, host, chunks }: WorkerNews): string {
  const name = `worker ${worker}, ${printable(host)}`;
  switch (kind) {
    case 'joined':
      return `${name}, has joined the run`;
    case 'left':
      return `${name}, has left the run`;
    case 'returned':
      return `${name}, has given a sign of life again`;
    case 'silent':
      return `${name}, has been silent for 10 s${chunks === 0 ? '' : `; ${takenOver(chunks)}`}`;
  }
}

const takenOver = (chunks: number): string =>
  chunks === 1 ? 'its chunk is taken over' : `its ${grouped(chunks)} chunks are taken over`;
