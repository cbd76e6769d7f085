import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Bench, Findings, Setting } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import type { Figure } from '../report/figure.ts';
import { median, ratioOf } from '../statistics.ts';
import { runContender } from '../support/contender.ts';
import type { PagesOptions } from './pages.ts';
import type { PullInput, PullOutput } from './task.ts';

// The default of a run.
const CONNECTIONS = 64;
const REACH: Readonly<Record<number, number>> = { 5: 0.6, 100: 0.5 };

export const pull: Bench = {
  name: 'pull',
  summary: 'unthrottled pages a second, and CPU a page, against a bare loop of request and JSON.parse',
  run: async (setting) => {
    const findings: Figure[] = [];
    for (const itemsPerPage of [5, 100]) findings.push(...(await figuresFor(itemsPerPage, setting)).figures);
    return { figures: findings };
  },
};

async function figuresFor(itemsPerPage: number, { quick, profiles, say }: Setting): Promise<Findings> {
  const pages: PagesOptions = { users: 500, pagesPerUser: itemsPerPage === 5 ? 4 : 2, itemsPerPage };
  const seconds = quick ? 0.5 : 8;
  const times = Math.ceil(
    (seconds * (itemsPerPage === 5 ? 4_000 : 1_600)) / (pages.users * pages.pagesPerUser),
  );
  await using server = await startPageServer(pages);
  const input: PullInput = { origin: server.origin, pages, connections: CONNECTIONS, times };
  const contender = (file: string) => () =>
    runContender<PullInput, PullOutput>(new URL(file, import.meta.url), input, { profiles });
  const { run, loop } = await inTurn(
    { run: contender('whole-pull.ts'), loop: contender('bare-loop.ts') },
    quick ? 2 : 7,
    (text) => say(`pages of ${itemsPerPage} items, ${text}`),
  );
  const expected = pages.users * times * pages.pagesPerUser;
  for (const { pages: pulled, items } of [...run, ...loop]) {
    if (pulled !== expected || items !== expected * itemsPerPage) {
      throw new Error(
        `${pulled} pages with ${items} items were pulled, not ${expected} with ${expected * itemsPerPage}`,
      );
    }
  }
  const least = REACH[itemsPerPage];
  const reach = least === undefined ? null : { least };
  const pace = ({ pages, seconds }: PullOutput): number => pages / seconds;
  const economy = ({ pages, cpuSeconds }: PullOutput): number => pages / cpuSeconds;
  const middle = (readings: readonly PullOutput[], of: (reading: PullOutput) => number): number =>
    median(readings.map(of));
  const against = 'a loop of undici `request` and `JSON.parse`, same pages and connections';
  return {
    figures: [
      {
        what: `pages a second, ${itemsPerPage} items a page, rows discarded`,
        against,
        unit: 'ratio',
        value: ratioOf(run, loop, pace),
        reach,
        detail: `${Math.round(middle(run, pace))} against ${Math.round(middle(loop, pace))} pages a second`,
      },
      {
        what: `pages a CPU second, ${itemsPerPage} items a page, rows discarded`,
        against,
        unit: 'ratio',
        value: ratioOf(run, loop, economy),
        reach,
        detail: `${micros(middle(run, economy))} against ${micros(middle(loop, economy))} µs of CPU a page`,
      },
    ],
  };
}

const micros = (perSecond: number): string => Math.round(1e6 / perSecond).toString();

async function startPageServer(pages: PagesOptions): Promise<AsyncDisposable & { readonly origin: string }> {
  const child = fork(fileURLToPath(new URL('page-server.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const ended = once(child, 'exit');
  child.send(pages);
  const [{ port }] = (await once(child, 'message')) as [AddressInfo];
  return {
    origin: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
