import { defaultOptions } from '../../src/simulator/options/options.ts';
import { built } from '../support/built.ts';
import { contend } from '../support/contender.ts';
import { stopwatch } from '../support/stopwatch.ts';
import { DiscardingRun } from './discarding-run.ts';
import { userAt } from './pages.ts';
import { type PullInput, type PullOutput, WARM_UP_TIMES } from './task.ts';

// More than any machine pulls, and more than a job may ask for: at 10,000, the rate limiter would be measured.
const FASTEST = 200_000;

/** A run as it is, from the plan to the commit, at a rate so high that its pacer never waits. */
contend<PullInput, PullOutput>(async ({ origin, pages, connections, times }) => {
  const { readJob } = await built<typeof import('../../src/config/read-job.ts')>('config/read-job.js');
  const { pullRun } = await built<typeof import('../../src/run/pull/pull-run.ts')>('run/pull/pull-run.js');
  const { idCodec } = await built<typeof import('../../src/run/ids/id-codec.ts')>('run/ids/id-codec.js');
  const { SuppressedUsers } = await built<
    typeof import('../../src/destinations/contract/suppressed-users.ts')
  >('destinations/contract/suppressed-users.js');
  const { job: read } = await readJob({
    flags: {
      users: 'users.txt',
      to: 'csv:nowhere',
      endpoint: origin,
      'sdk-app-id': String(defaultOptions.sdkAppId),
      concurrency: String(connections),
    },
    env: { CHAT_EXPORT_SECRET_KEY: defaultOptions.secretKey },
    file: undefined,
    cwd: '/',
  });
  const job = { ...read, pull: { ...read.pull, rate: FASTEST } };
  const pullAll = async (times: number): Promise<DiscardingRun> => {
    const run = new DiscardingRun(pages.users * times, (place) => userAt(place % pages.users));
    const decision = { kind: 'start', why: 'bench' } as const;
    const opened = { run, decision, notBefore: 0, canaryUserId: null, holdsUsers: false };
    const pulled = await pullRun(job, opened, {
      destination: 'nowhere',
      names: idCodec(null),
      suppressed: SuppressedUsers.none,
      events: {},
      stop: new AbortController().signal,
    });
    if (pulled.failedCalls > 0) throw new Error(`${pulled.failedCalls} calls failed`);
    return run;
  };
  await pullAll(WARM_UP_TIMES);
  const taken = stopwatch();
  const run = await pullAll(times);
  const { seconds, cpuSeconds } = taken();
  return { seconds, cpuSeconds, pages: run.counts.pages, items: run.counts.conversations };
});
