import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterEach, describe, expect, test } from 'vitest';
import { addCounts } from '../../src/destinations/contract/counts.ts';
import type { Destination, RunWriter } from '../../src/destinations/contract/destination.ts';
import type { RunArchive } from '../../src/destinations/contract/run-archive.ts';
import { FileDestination } from '../../src/destinations/files/file-destination.ts';
import { FileArchive } from '../../src/destinations/files/read/file-archive.ts';
import { PostgresArchive } from '../../src/destinations/postgres/read/postgres-archive.ts';
import { exportedUsers } from '../../src/rows/tables.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { parquetObjects } from '../support/parquet.ts';
import { describeServers } from '../support/servers.ts';
import { PostgresGround } from './postgres/ground.ts';
import {
  all,
  app,
  commitAll,
  commitOf,
  finish,
  newRun,
  only,
  resultOf,
  timelineOf,
  unexported,
  userIds,
  userWith,
} from './samples.ts';

/** A place to export to, opened as often as a test likes. */
type Place = {
  readonly open: () => Promise<Destination>;
  readonly archive: () => Promise<RunArchive>;
  /** Users exported whole, as a reader of the destination sees them, sorted. */
  readonly exportedUsers: () => Promise<string[]>;
};

async function parquetPlace(): Promise<Place> {
  const directory = join(await temporaryDirectory(), 'export');
  return {
    open: () => FileDestination.open(directory, app, 'parquet'),
    archive: () => FileArchive.open(directory),
    exportedUsers: async () => {
      const rows = await parquetObjects(directory, exportedUsers);
      return rows.map(({ user_id: userId }) => String(userId)).sort();
    },
  };
}

async function gzipPlace(): Promise<Place> {
  const directory = join(await temporaryDirectory(), 'export');
  return {
    open: () => FileDestination.open(directory, app, 'csv.gz'),
    archive: () => FileArchive.open(directory),
    exportedUsers: async () => {
      const packed = await readFile(join(directory, 'exported_users.csv.gz'));
      const rows: string[][] = parse(gunzipSync(packed));
      return rows
        .slice(1)
        .map(([userId]) => String(userId))
        .sort();
    },
  };
}

async function csvPlace(): Promise<Place> {
  const directory = join(await temporaryDirectory(), 'export');
  return {
    open: () => FileDestination.open(directory, app),
    archive: () => FileArchive.open(directory),
    exportedUsers: async () => {
      const rows: string[][] = parse(await readFile(join(directory, 'exported_users.csv'), 'utf8'));
      return rows
        .slice(1)
        .map(([userId]) => String(userId))
        .sort();
    },
  };
}

async function postgresPlace(postgres: PostgresGround): Promise<Place> {
  const schema = postgres.schema();
  return {
    open: () => postgres.open(schema),
    archive: () => PostgresArchive.open({ url: postgres.url, name: 'postgres://test', schema, caFile: null }),
    exportedUsers: async () => {
      const rows = await postgres.query(`select user_id from ${schema}.exported_users order by user_id`);
      return rows.map((row) => String(row.user_id));
    },
  };
}

describe('the csv destination', () => keepsTheContract(csvPlace));
describe('the csv destination, compressed', () => keepsTheContract(gzipPlace));
describe('the parquet destination', () => keepsTheContract(parquetPlace));
describeServers('the postgres destination', (server) => {
  const ground = new PostgresGround(server);
  keepsTheContract(() => postgresPlace(ground));
});

function keepsTheContract(makePlace: () => Promise<Place>): void {
  const opened: Destination[] = [];
  afterEach(async () => {
    for (const destination of opened.splice(0)) await destination.close();
  });

  async function setUp() {
    const place = await makePlace();
    const open = async (): Promise<Destination> => {
      const destination = await place.open();
      opened.push(destination);
      return destination;
    };
    /** The process goes without a word; another one resumes the last run. */
    const resumeElsewhere = async (dropped: Destination): Promise<readonly [Destination, RunWriter]> => {
      opened.splice(opened.indexOf(dropped), 1);
      await dropped.close();
      const next = await open();
      const last = await next.lastRun('nightly');
      if (last === null) throw new Error('there is no run to go on with');
      return [next, await next.resume(last)];
    };
    return { ...place, open, resumeElsewhere };
  }

  test('finds the run at work: of several unfinished ones the resumed one, and none before', async () => {
    const { open, archive: openArchive, resumeElsewhere } = await setUp();
    const atWork = async (): Promise<string[]> => {
      const archive = await openArchive();
      try {
        const found: string[] = [];
        for (const run of await archive.runs({ sdkAppId: null, job: null }, 10)) {
          if ((await archive.atWork(run)) !== null) found.push(run.record.job);
        }
        return found;
      } finally {
        await archive.close();
      }
    };
    const first = await open();
    expect(await atWork()).toEqual([]);
    await first.begin(newRun(3, 3), [userIds(3)]);
    expect(await atWork()).toEqual(['nightly']);
    const [second, run] = await resumeElsewhere(first);
    expect(await atWork()).toEqual(['nightly']);
    await run.stop({ stopReason: 'SIGTERM', error: null });
    opened.splice(opened.indexOf(second), 1);
    await second.close();
    const third = await open();
    expect(await atWork()).toEqual([]);
    await third.begin(newRun(3, 3, { job: 'weekly' }), [userIds(3)]);
    expect(await atWork()).toEqual(['weekly']);
  });

  test('knows no run before the first', async () => {
    const { open } = await setUp();
    const destination = await open();
    expect(await destination.lastRun('nightly')).toBeNull();
    expect(await destination.findRun(1)).toBeNull();
  });

  test('has made the plan durable when begin resolves', async () => {
    const { open, resumeElsewhere } = await setUp();
    const destination = await open();
    const list = {
      lines: 20,
      users: 5,
      beyondLimit: 4,
      duplicates: 3,
      bad: 2,
      blank: 6,
      suppressed: 0,
      digest: 'd',
    };
    const planned = newRun(5, 2, { list });
    const begun = await destination.begin(planned, [['u1', 'u2', 'u3'], ['u4'], ['u5']]);
    expect(begun.record).toMatchObject({ ...planned, status: 'running', attempts: 1, finishedAt: null });
    const [, run] = await resumeElsewhere(destination);
    expect(run.record).toEqual({ ...begun.record, attempts: 2 });
    expect(run.usersDone).toBe(0);
    expect(await all(run.openChunks(1))).toEqual([
      { number: 1, pass: 1, userIds: ['u1', 'u2'] },
      { number: 2, pass: 1, userIds: ['u3', 'u4'] },
      { number: 3, pass: 1, userIds: ['u5'] },
    ]);
  });

  test('keeps every user ID unchanged, in plan and second pass', async () => {
    const nasty = [
      'a\u2028b',
      'c\u2029d',
      'e\u0085f',
      '"',
      '\\',
      '\\N',
      '\\.',
      "'",
      ',',
      '{',
      'NULL',
      ' g ',
      '\t',
      '𝄞',
      'h\ri',
      'j\nk',
      'null',
    ];
    const { open, resumeElsewhere } = await setUp();
    const destination = await open();
    const begun = await destination.begin(newRun(nasty.length, nasty.length), [nasty]);
    const chunk = only(await all(begun.openChunks(1)));
    expect(chunk.userIds).toEqual(nasty);
    await begun.commit(resultOf(begun, chunk, { deferred: nasty }));
    const [, run] = await resumeElsewhere(destination);
    expect(await all(run.openChunks(1))).toEqual([]);
    await run.planSecondPass();
    expect(only(await all(run.openChunks(2))).userIds).toEqual(nasty);
  });

  test('reads the users again when it is given them again', async () => {
    let reads = 0;
    const users = {
      *[Symbol.iterator]() {
        reads += 1;
        yield userIds(3);
      },
    };
    const { open } = await setUp();
    const destination = await open();
    const first = await destination.begin(newRun(3, 3), users);
    await destination.abandon(first.record);
    const run = await destination.begin(newRun(3, 3), users);
    expect(only(await all(run.openChunks(1))).userIds).toEqual(userIds(3));
    expect(reads).toBe(2);
  });

  test('leaves no run behind when the users cannot be read', async () => {
    const { open } = await setUp();
    const destination = await open();
    const failing = {
      *[Symbol.iterator]() {
        yield userIds(3);
        throw new Error('the list broke off');
      },
    };
    await expect(destination.begin(newRun(6, 2), failing)).rejects.toThrow('the list broke off');
    expect(await destination.lastRun('nightly')).toBeNull();
    const run = await destination.begin(newRun(1, 2), [['u1']]);
    expect(await all(run.openChunks(1))).toHaveLength(1);
  });

  test('resumes with exactly the uncommitted chunks, in order', async () => {
    const { open, resumeElsewhere } = await setUp();
    const destination = await open();
    const begun = await destination.begin(newRun(20, 2), [userIds(20)]);
    const chunks = await all(begun.openChunks(1));
    for (const chunk of chunks.filter(({ number }) => [1, 4, 9, 10].includes(number))) {
      await begun.commit(resultOf(begun, chunk));
    }
    const [, run] = await resumeElsewhere(destination);
    expect(await all(run.openChunks(1))).toEqual(
      chunks.filter(({ number }) => ![1, 4, 9, 10].includes(number)),
    );
    expect(run.usersDone).toBe(8);
  });

  test('sums the counts of all attempts', async () => {
    const { open, resumeElsewhere } = await setUp();
    const destination = await open();
    const begun = await destination.begin(newRun(4, 2), [userIds(4)]);
    const [first, second] = await all(begun.openChunks(1));
    if (first === undefined || second === undefined) throw new Error('two chunks were expected');
    const one = await commitOf(
      begun,
      resultOf(begun, first, { counts: { calls: 5, pages: 2, errors: { '60011': 3 }, failures: {} } }),
    );
    expect(one).toMatchObject({ exported: 2, rowsWritten: 6, calls: 5, unchanged: 0, rowsRemoved: 0 });
    expect(one.changes).toEqual({ conversations: 2, contact_groups: 2, memberships: 2, exported_users: 2 });
    const [next, run] = await resumeElsewhere(destination);
    expect(run.record.counts).toEqual(one);
    const two = await commitOf(
      run,
      resultOf(run, second, { counts: { calls: 7, errors: { '60011': 1, timeout: 2 } } }),
    );
    const sum = addCounts(run.record.counts, two);
    expect(sum).toMatchObject({
      exported: 4,
      rowsWritten: 12,
      calls: 12,
      errors: { '60011': 4, timeout: 2 },
      changes: { conversations: 4, contact_groups: 4, memberships: 4, exported_users: 4 },
    });
    const finished = await finish(run);
    expect(finished).toMatchObject({ status: 'finished', counts: sum, attempts: 2, stopReason: null });
    expect(finished.finishedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(await next.lastRun('nightly')).toEqual(finished);
    expect(await next.findRun(finished.runId)).toEqual(finished);
    expect(await next.findRun(finished.runId + 1)).toBeNull();
  });

  test('cuts deferred users into chunks of the second pass, once', async () => {
    const { open, resumeElsewhere, exportedUsers } = await setUp();
    const destination = await open();
    const begun = await destination.begin(newRun(7, 3), [userIds(7)]);
    const [first, second, third] = await all(begun.openChunks(1));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three chunks');
    // Not in the order of the plan: the order of the second pass is the plan's or the commits', but whole.
    await begun.commit(resultOf(begun, second, { deferred: ['u6', 'u4'] }));
    await begun.commit(resultOf(begun, first, { deferred: ['u1', 'u3'] }));
    await begun.commit(resultOf(begun, third));
    await begun.planSecondPass();
    const planned = await all(begun.openChunks(2));
    expect(planned.map(({ number, pass, userIds: ids }) => [number, pass, ids.length])).toEqual([
      [4, 2, 3],
      [5, 2, 1],
    ]);
    expect(planned.flatMap((chunk) => chunk.userIds).sort()).toEqual(['u1', 'u3', 'u4', 'u6']);
    await begun.planSecondPass();
    expect(await all(begun.openChunks(2))).toEqual(planned);
    const [four, five] = planned;
    if (four === undefined || five === undefined) throw new Error('two chunks');
    await begun.commit(resultOf(begun, four));

    const [, run] = await resumeElsewhere(destination);
    expect(run.usersDone).toBe(6);
    expect(await all(run.openChunks(1))).toEqual([]);
    await run.planSecondPass();
    expect(await all(run.openChunks(2))).toEqual([five]);
    await run.commit(resultOf(run, five));
    await finish(run);
    expect(await exportedUsers()).toEqual(userIds(7));
  });

  test('has an empty second pass without deferred users', async () => {
    const { open } = await setUp();
    const run = await (await open()).begin(newRun(1, 3), [['u1']]);
    await run.commit(resultOf(run, only(await all(run.openChunks(1)))));
    await run.planSecondPass();
    expect(await all(run.openChunks(2))).toEqual([]);
  });

  test.each([1, 2] as const)('makes chunks of pass %i from the users that stops left', async (pass) => {
    const { open, resumeElsewhere, exportedUsers } = await setUp();
    let destination = await open();
    let run = await destination.begin(newRun(7, 3), [userIds(7)]);
    const plan = async () => (await all(run.openChunks(pass))).map((chunk) => [chunk.number, chunk.userIds]);
    if (pass === 2) {
      for (const chunk of await all(run.openChunks(1))) {
        await run.commit(resultOf(run, chunk, { deferred: chunk.userIds }));
      }
      await run.planSecondPass();
    }
    const from = pass === 2 ? 3 : 0;
    const commitPart = async (at: number, done: number) => {
      const chunk = (await all(run.openChunks(pass)))[at];
      if (chunk === undefined) throw new Error(`there is no chunk ${at}`);
      await run.commit(resultOf(run, chunk, { remaining: chunk.userIds.slice(done) }));
    };
    await commitPart(0, 1);
    const afterOne = [
      [from + 2, ['u4', 'u5', 'u6']],
      [from + 3, ['u7']],
      [from + 4, ['u2', 'u3']],
    ];
    expect(await plan()).toEqual(afterOne);
    [destination, run] = await resumeElsewhere(destination);
    expect(run.usersDone).toBe(1);
    expect(await plan()).toEqual(afterOne);
    await commitPart(2, 1);
    await commitPart(0, 2);
    [destination, run] = await resumeElsewhere(destination);
    expect(run.usersDone).toBe(4);
    expect(await plan()).toEqual([
      [from + 3, ['u7']],
      [from + 5, ['u3']],
      [from + 6, ['u6']],
    ]);
    // Users of pass 1 whom a stop left may still be deferred.
    for (const chunk of await all(run.openChunks(pass))) {
      await run.commit(resultOf(run, chunk, { deferred: pass === 1 ? chunk.userIds : [] }));
    }
    await run.planSecondPass();
    await commitAll(run, 2);
    [destination, run] = await resumeElsewhere(destination);
    expect(await all(run.openChunks(1))).toEqual([]);
    expect(await all(run.openChunks(2))).toEqual([]);
    expect(await finish(run)).toMatchObject({ counts: { exported: 7 } });
    expect(await exportedUsers()).toEqual(userIds(7));
  });

  test('finishes no run of which users of the plan have come to no end', async () => {
    const { open, exportedUsers } = await setUp();
    const destination = await open();
    const run = await destination.begin(newRun(4, 2), [userIds(4)]);
    const [first] = await all(run.openChunks(1));
    if (first === undefined) throw new Error('two chunks');
    await run.commit(resultOf(run, first));
    await expect(finish(run)).rejects.toThrow(
      /^the ledger has not all of the plan$|\/\.run\/ledger accounts for 2 of 4 users: /,
    );
    expect(await destination.lastRun('nightly')).toMatchObject({ status: 'running' });
    await commitAll(run);
    await finish(run);
    expect(await exportedUsers()).toEqual(userIds(4));
  });

  test('writes users without any rows, and lists who was not exported', async () => {
    const { open, exportedUsers } = await setUp();
    const run = await (await open()).begin(newRun(3, 3), [userIds(3)]);
    const chunk = only(await all(run.openChunks(1)));
    const counts = await run.commit(
      resultOf(run, chunk, {
        exported: [userWith('u1', []), userWith('u3', [])],
        unexported: [unexported('u2', 'api_error', { error_code: 90001, error_info: 'a "b", c\n\\.' })],
      }),
    );
    expect(counts).toMatchObject({ exported: 2, rowsWritten: 0 });
    await finish(run);
    expect(await exportedUsers()).toEqual(['u1', 'u3']);
  });

  test('takes eight commits at once', async () => {
    const { open, resumeElsewhere, exportedUsers } = await setUp();
    const destination = await open();
    const begun = await destination.begin(newRun(40, 5), [userIds(40)]);
    const chunks = await all(begun.openChunks(1));
    const counts = await Promise.all(chunks.map((chunk) => commitOf(begun, resultOf(begun, chunk))));
    expect(counts.map((of) => of.rowsWritten)).toEqual(Array(8).fill(15));
    const [, run] = await resumeElsewhere(destination);
    expect(run.record.counts.exported).toBe(40);
    expect(await all(run.openChunks(1))).toEqual([]);
    await finish(run);
    expect(await exportedUsers()).toEqual(userIds(40).sort());
  });

  test('reports how long ago an attempt of the app may have called, whatever its job', async () => {
    const { open } = await setUp();
    const destination = await open();
    const leave = async (one: Destination): Promise<Destination> => {
      opened.splice(opened.indexOf(one), 1);
      await one.close();
      return await open();
    };
    expect(await destination.lastCallsMsAgo()).toBeNull();
    await destination.begin(newRun(1, 1, { job: 'migration' }), [['u1']]);
    // The end of that attempt is unknown.
    const second = await leave(destination);
    expect(await second.lastCallsMsAgo()).toBe(0);
    const last = await second.lastRun('migration');
    if (last === null) throw new Error('there is no run to go on with');
    const run = await second.resume(last);
    await commitAll(run);
    await run.planSecondPass();
    const before = performance.now();
    await finish(run);
    const third = await leave(second);
    const agoMs = await third.lastCallsMsAgo();
    expect(agoMs).toBeGreaterThanOrEqual(0);
    // Clocks may be coarse by some milliseconds.
    expect(agoMs).toBeLessThan(performance.now() - before + 50);
  });

  test('records why a run stopped, until it is resumed', async () => {
    const { open, resumeElsewhere } = await setUp();
    const destination = await open();
    const begun = await destination.begin(newRun(1, 1), [['u1']]);
    await begun.stop({ stopReason: 'max_duration', error: null });
    expect(await destination.lastRun('nightly')).toEqual({ ...begun.record, stopReason: 'max_duration' });
    const [next, run] = await resumeElsewhere(destination);
    expect(run.record.stopReason).toBeNull();
    expect(await next.lastRun('nightly')).toMatchObject({ stopReason: null, error: null, attempts: 2 });
  });

  test('keeps what each attempt saw, also one that was killed, and gives it in order', async () => {
    const { open, archive: openArchive, resumeElsewhere } = await setUp();
    const kept = async () => {
      const archive = await openArchive();
      try {
        const run = only(await archive.runs({ sdkAppId: null, job: null }, 10));
        return await archive.timelines(run);
      } finally {
        await archive.close();
      }
    };
    const destination = await open();
    const begun = await destination.begin(newRun(2, 1), [userIds(2)]);
    expect(await kept()).toEqual([]);
    await begun.saveTimeline(timelineOf(2));
    await begun.saveTimeline(timelineOf(5));
    expect(await kept()).toEqual([timelineOf(5)]);
    const [second, next] = await resumeElsewhere(destination);
    await next.stop({ stopReason: 'SIGTERM', error: null }, timelineOf(7));
    const [, last] = await resumeElsewhere(second);
    expect(await kept()).toEqual([timelineOf(5), timelineOf(7)]);
    await last.saveTimeline(timelineOf(240));
    await commitAll(last);
    await finish(last);
    expect(await kept()).toEqual([timelineOf(5), timelineOf(7), timelineOf(240)]);
  });

  test('gives no timelines of a run that kept none, whatever a former one kept', async () => {
    const { open, archive: openArchive } = await setUp();
    const destination = await open();
    const first = await destination.begin(newRun(1, 1), [['u1']]);
    await first.saveTimeline(timelineOf(3));
    await commitAll(first);
    await finish(first);
    const second = await destination.begin(newRun(1, 1), [['u1']]);
    await commitAll(second);
    const { runId } = await finish(second);
    const archive = await openArchive();
    const run = await archive.find(runId);
    expect(run === null ? null : await archive.timelines(run)).toEqual([]);
    await archive.close();
  });

  test('closes an abandoned run for good and gives the next one another number', async () => {
    const { open } = await setUp();
    const destination = await open();
    const first = await destination.begin(newRun(2, 1), [userIds(2)]);
    await commitAll(first);
    await finish(first);
    const second = await destination.begin(newRun(2, 1), [userIds(2)]);
    await destination.abandon(second.record);
    expect((await destination.lastRun('nightly'))?.status).not.toBe('running');
    const third = await destination.begin(newRun(3, 1), [userIds(3)]);
    expect(third.record.runId).toBeGreaterThan(first.record.runId);
    expect(await all(third.openChunks(1))).toHaveLength(3);
  });
}
