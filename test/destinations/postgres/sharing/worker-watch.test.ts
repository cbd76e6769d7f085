import { expect, test } from 'vitest';
import { type SeenWorker, WorkerWatch } from '../../../../src/destinations/postgres/sharing/worker-watch.ts';
import { workerText } from '../../../../src/report/text/worker-text.ts';

const seen = (worker: number, change: Partial<SeenWorker> = {}): SeenWorker => ({
  worker,
  host: `host-${worker} (17)`,
  has_left: false,
  is_at_work: true,
  open_chunks: 3,
  ...change,
});

const silent = { is_at_work: false };
const left = { is_at_work: false, has_left: true };

test('the first look does not report workers that joined earlier', () => {
  expect(new WorkerWatch(4).look([seen(1), seen(2, silent), seen(3, left)])).toEqual([]);
});

test('the first look reports workers that joined later', () => {
  const news = new WorkerWatch(2).look([seen(1), seen(3), seen(4, left)]);
  expect(news.map(({ kind, worker }) => `${worker} ${kind}`)).toEqual(['3 joined', '4 left']);
});

test('each change is news once', () => {
  const watch = new WorkerWatch(4);
  const kinds = (...workers: readonly SeenWorker[]) =>
    watch.look(workers).map(({ kind, worker }) => `${worker} ${kind}`);
  watch.look([seen(1)]);
  expect(kinds(seen(1), seen(2))).toEqual(['2 joined']);
  expect(kinds(seen(1), seen(2))).toEqual([]);
  expect(kinds(seen(1), seen(2, silent))).toEqual(['2 silent']);
  expect(kinds(seen(1), seen(2, silent))).toEqual([]);
  expect(kinds(seen(1), seen(2))).toEqual(['2 returned']);
  expect(kinds(seen(1, left), seen(2))).toEqual(['1 left']);
  expect(kinds(seen(1, left), seen(2, left), seen(3))).toEqual(['2 left', '3 joined']);
  expect(kinds(seen(1, left), seen(2, left), seen(3))).toEqual([]);
});

test('a worker that is silent is named with its host and the chunks that others take over', () => {
  const text = (chunks: number) =>
    workerText({ kind: 'silent', worker: 2, host: 'b.example.com (17)', chunks });
  expect(text(3)).toBe('worker 2, b.example.com (17), has been silent for 10 s; its 3 chunks are taken over');
  expect(text(1)).toBe('worker 2, b.example.com (17), has been silent for 10 s; its chunk is taken over');
  expect(text(0)).toBe('worker 2, b.example.com (17), has been silent for 10 s');
});
