import { tmpdir } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Destination } from '../../src/destinations/contract/destination.ts';
import { defaultOptions } from '../../src/simulator/options/options.ts';
import { built } from '../support/built.ts';
import { contend } from '../support/contender.ts';
import { sampleRun } from '../support/sample-run.ts';
import { stopwatch } from '../support/stopwatch.ts';
import { rowsOfDay } from './content.ts';
import type { StoreInput, StoreOutput } from './task.ts';

// The defaults of a job.
const GUARDS = { maxFailedUsers: null, maxEmptiedUsers: 0.01, maxLostRows: 0.05, allowMassDeletion: false };

/** A whole run without its calls: the rows exist already. */
contend<StoreInput, StoreOutput>(async ({ to, users, day, changed }) => {
  const rowsOf = await rowsOfDay({ users, day, changed });
  const destination = await open(to);
  const taken = stopwatch();
  const plan = [...rowsOf.keys()];
  const run = await destination.begin(sampleRun(users), [plan]);

  const { Guards } =
    await built<typeof import('../../src/run/pull/guards/guards.ts')>('run/pull/guards/guards.js');
  const { InFlight } = await built<typeof import('../../src/run/pull/in-flight/in-flight.ts')>(
    'run/pull/in-flight/in-flight.js',
  );
  const { Pass } = await built<typeof import('../../src/run/pull/pass.ts')>('run/pull/pass.js');
  const { ConditionVariable } = await built<typeof import('../../src/run/pull/condition-variable.ts')>(
    'run/pull/condition-variable.js',
  );
  const { addCounts } = await built<typeof import('../../src/destinations/contract/counts.ts')>(
    'destinations/contract/counts.js',
  );
  // As pages come: one user in each turn of the event loop, so that the destination has its turns in between.
  let last: Promise<unknown> = Promise.resolve();
  const arrival = (): Promise<unknown> => {
    last = last.then(() => setImmediate());
    return last;
  };
  const condition = new ConditionVariable();
  let counts = run.record.counts;
  const pass = new Pass({
    run,
    pass: 1,
    pull: async (userId, _, take) => {
      await arrival();
      const rows = rowsOf.get(userId);
      if (rows === undefined) throw new Error(`${userId} has no rows`);
      return { kind: 'exported', taken: take(rows) };
    },
    needsWork: () => true,
    condition,
    guards: new Guards(GUARDS, run, () => condition.notify()),
    removeNotInApp: false,
    inFlight: new InFlight(tmpdir(), () => {}),
    total: { calls: 0, retries: 0, pages: 0, errors: {} },
    stop: new AbortController().signal,
    onCommitted: (_, committed) => {
      counts = addCounts(counts, committed);
    },
    onUnexported: () => {},
  });
  const takenByChunks = stopwatch();
  await pass.run();
  const chunks = takenByChunks();
  await run.finish();
  const { seconds } = taken();
  await destination.close();
  return {
    users,
    rows: counts.conversations + counts.contactGroups + counts.memberships,
    rowsWritten: counts.rowsWritten,
    unchanged: counts.unchanged,
    seconds,
    chunkSeconds: chunks.seconds,
    chunkCpuSeconds: chunks.cpuSeconds,
  };
});

async function open(to: StoreInput['to']): Promise<Destination> {
  if (to.kind === 'csv') {
    const { FileDestination } = await built<
      typeof import('../../src/destinations/files/file-destination.ts')
    >('destinations/files/file-destination.js');
    return await FileDestination.open(to.dir, defaultOptions.sdkAppId);
  }
  const { PostgresDestination } = await built<
    typeof import('../../src/destinations/postgres/postgres-destination.ts')
  >('destinations/postgres/postgres-destination.js');
  return await PostgresDestination.open({
    url: to.url,
    name: 'postgres',
    schema: 'chat_export',
    sdkAppId: defaultOptions.sdkAppId,
    migrate: true,
    history: to.history ?? false,
    keepRuns: 90,
    maxOutageMs: 0,
    stop: new AbortController().signal,
    events: {
      onOutage: () => {},
      onNotice: (message) => {
        throw new Error(message);
      },
    },
  });
}
