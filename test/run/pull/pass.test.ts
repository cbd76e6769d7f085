import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { NO_COUNTS } from '../../../src/destinations/contract/counts.ts';
import type {
  Chunk,
  ChunkResult,
  RunWriter,
  WaitingForChunks,
} from '../../../src/destinations/contract/destination.ts';
import type { UserRows } from '../../../src/rows/normalize.ts';
import type { UnexportedUserRow } from '../../../src/rows/tables.ts';
import { newTally } from '../../../src/run/calls/api-caller.ts';
import { GuardTripped } from '../../../src/run/errors/run-errors.ts';
import { ConditionVariable } from '../../../src/run/pull/condition-variable.ts';
import { InFlight } from '../../../src/run/pull/in-flight/in-flight.ts';
import { Pass, type PassOptions } from '../../../src/run/pull/pass.ts';
import type { UserOutcome } from '../../../src/run/pull/pull-user.ts';

const NO_ODDITIES = { unnamedGroups: 0, skippedItems: 0, replacedTexts: 0, unknownFields: 0 };

/** Hands over a user who has no rows. */
function exported(userId: string, take: (rows: UserRows) => void, oddities = NO_ODDITIES): UserOutcome {
  take({ userId, conversations: [], contactGroups: [], memberships: [], oddities });
  return { kind: 'exported', taken: null };
}

/** The size of a user's encoded rows. */
type Weights = { readonly bytesOf?: (userId: string) => number };

/** When a chunk that is committed has been stored. */
type Storing = { readonly stored?: () => Promise<unknown> };

/** A pass over chunks of two users each, which commits into a list. */
function passOver(
  chunks: number,
  {
    bytesOf = () => 0,
    stored = async () => {},
    ...options
  }: Partial<PassOptions> & Pick<PassOptions, 'pull'> & Weights & Storing,
) {
  const committed: ChunkResult[] = [];
  let mostOpen = 0;
  let open = 0;
  const run = {
    record: { sdkAppId: 1 },
    encode: ({ userId }: UserRows) => ({ userId, bytes: bytesOf(userId), moveTo: () => true }),
    async *openChunks(pass: 1 | 2): AsyncGenerator<Chunk> {
      for (let number = 1; number <= chunks; number += 1) {
        yield { number, pass, userIds: [`slow${number}`, `quick${number}`] };
        open += 1;
        mostOpen = Math.max(mostOpen, open);
      }
    },
    async commit(result: ChunkResult) {
      await stored();
      committed.push(result);
      open -= 1;
      return NO_COUNTS;
    },
  } as unknown as RunWriter;
  const pass = new Pass({
    run,
    pass: 1,
    needsWork: () => true,
    condition: new ConditionVariable(),
    guards: {
      observe: () => {},
      check: async () => null,
      waitingChunks: 0,
      waitingWithoutRows: 0,
      evaluateNow: () => {},
    },
    removeNotInApp: false,
    total: newTally(),
    inFlight: new InFlight(tmpdir(), () => {}),
    stop: new AbortController().signal,
    onCommitted: () => {},
    onUnexported: () => {},
    ...options,
  });
  return { pass, committed, mostOpen: () => mostOpen };
}

test('users who only wait to try again move to the second pass when their chunk is in the way of new ones', async () => {
  const last: (() => void)[] = [];
  const { pass, committed } = passOver(20, {
    pull: (userId, { onWait, signal }, take) => {
      if (userId.startsWith('quick')) return Promise.resolve(exported(userId, take));
      onWait(true);
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'deferred' }));
        last.push(() => resolve(exported(userId, take)));
        // The plan is at its end: no chunk needs room any more, so the last eight are waited for.
        if (userId === 'slow20') for (const end of last.slice(-8)) end();
      });
    },
  });
  await pass.run();
  expect(committed).toHaveLength(20);
  const deferred = committed.flatMap((result) => result.deferred);
  expect(deferred).toHaveLength(12);
  expect(committed.flatMap((result) => result.exported)).toHaveLength(28);
});

test('no more users are deferred while a deferred chunk is being stored', async () => {
  const last: (() => void)[] = [];
  const { pass, committed } = passOver(20, {
    stored: () => new Promise((resolve) => setImmediate(resolve)),
    pull: async (userId, { onWait, signal }, take) => {
      if (userId.startsWith('quick')) return exported(userId, take);
      onWait(true);
      return await new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'deferred' }));
        last.push(() => resolve(exported(userId, take)));
        if (userId === 'slow20') for (const end of last.slice(-8)) end();
      });
    },
  });
  await pass.run();
  expect(committed.flatMap((result) => result.deferred)).toHaveLength(12);
});

test('at most eight chunks are open', async () => {
  const { pass, mostOpen } = passOver(30, {
    pull: (userId, _, take) => new Promise((resolve) => setImmediate(() => resolve(exported(userId, take)))),
  });
  await pass.run();
  expect(mostOpen()).toBeGreaterThan(1);
  expect(mostOpen()).toBeLessThanOrEqual(8);
});

test('no chunk is opened while those that are open or being committed hold too much, but for the first', async () => {
  const { pass, committed, mostOpen } = passOver(5, {
    bytesOf: () => 100 * 1024 * 1024,
    pull: (userId, _, take) => Promise.resolve(exported(userId, take)),
  });
  await pass.run();
  expect(committed).toHaveLength(5);
  expect(mostOpen()).toBe(1);
});

test('a chunk that holds much and only waits for users makes room by letting go of them', async () => {
  const { pass, committed } = passOver(3, {
    bytesOf: () => 100 * 1024 * 1024,
    pull: (userId, { onWait, signal }, take) => {
      if (userId !== 'slow1') return Promise.resolve(exported(userId, take));
      onWait(true);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'deferred' })));
    },
  });
  await pass.run();
  expect(committed).toHaveLength(3);
  expect(committed.flatMap((result) => result.deferred)).toEqual(['slow1']);
});

test('what a chunk comes to is counted user by user', async () => {
  const oddities = { unnamedGroups: 1, skippedItems: 2, replacedTexts: 3, unknownFields: 4 };
  const { pass, committed } = passOver(1, {
    pull: async (userId, { tallies }, take) => {
      for (const tally of tallies) tally.calls += 2;
      return exported(userId, take, oddities);
    },
  });
  await pass.run();
  expect(committed[0]?.counts).toEqual({
    ...NO_COUNTS,
    exported: 2,
    calls: 4,
    unnamedGroups: 2,
    skippedItems: 4,
    replacedTexts: 6,
    unknownFields: 8,
  });
});

test('the first error ends the pass, defers all users, and commits nothing more', async () => {
  let letGo = 0;
  const { pass, committed } = passOver(3, {
    pull: (userId, { signal }) =>
      userId === 'quick2'
        ? Promise.reject(new Error('the key was revoked'))
        : new Promise((resolve) => {
            const end = (): void => {
              letGo += 1;
              resolve({ kind: 'deferred' });
            };
            if (signal.aborted) end();
            else signal.addEventListener('abort', end);
          }),
  });
  await expect(pass.run()).rejects.toThrow('the key was revoked');
  expect(committed).toEqual([]);
  expect(letGo).toBeGreaterThanOrEqual(2);
});

test.each([1, 2] as const)(
  'a stop in pass %i commits what was pulled, leaves the others to do, and drops chunks without any',
  async (number) => {
    const stop = new AbortController();
    const { pass, committed } = passOver(2, {
      pass: number,
      stop: stop.signal,
      pull: (userId, { signal }, take) => {
        if (userId === 'quick1') return Promise.resolve(exported(userId, take));
        if (userId === 'slow2') setImmediate(() => stop.abort('SIGTERM'));
        return new Promise((resolve) =>
          signal.addEventListener('abort', () => resolve({ kind: 'deferred' })),
        );
      },
    });
    await pass.run();
    expect(committed.map(({ chunk, deferred, remaining }) => [chunk.number, deferred, remaining])).toEqual([
      [1, [], ['slow1']],
    ]);
  },
);

test('a stop leaves to the second pass only users with temporary failures who were deferred before it', async () => {
  const stop = new AbortController();
  const row = { reason: 'transient_error', user_id: 'quick2' } as UnexportedUserRow;
  const done: number[] = [];
  const { pass, committed } = passOver(2, {
    stop: stop.signal,
    onCommitted: (_, __, users) => done.push(users),
    pull: async (userId, { signal }, take) => {
      if (userId === 'quick1') return exported(userId, take);
      if (userId === 'quick2') return { kind: 'unexported', row };
      if (userId === 'slow2') setImmediate(() => stop.abort('max-duration'));
      return await new Promise((resolve) =>
        signal.addEventListener('abort', () => resolve({ kind: 'deferred' })),
      );
    },
  });
  await pass.run();
  expect(committed.map(({ deferred, remaining }) => [deferred, remaining])).toEqual([
    [[], ['slow1']],
    [['quick2'], ['slow2']],
  ]);
  expect(done).toEqual([1, 0]);
});

/** Guards that keep every chunk waiting until the test lets them decide. */
function holding(verdict: () => void = () => {}) {
  const condition = new ConditionVariable();
  const waiting: (() => void)[] = [];
  let most = 0;
  const guards: PassOptions['guards'] = {
    observe: () => {},
    check: async () => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        most = Math.max(most, waiting.length);
        condition.notify();
      });
      verdict();
      return null;
    },
    get waitingChunks() {
      return waiting.length;
    },
    waitingWithoutRows: 0,
    evaluateNow: () => {
      for (const resolve of waiting.splice(0)) resolve();
    },
  };
  return { guards, condition, most: () => most };
}

test('chunks that a guard holds back are judged when no more can be opened, and when no more come', async () => {
  const { guards, condition, most } = holding();
  const { pass, committed } = passOver(20, {
    guards,
    condition,
    pull: (userId, _, take) => Promise.resolve(exported(userId, take)),
  });
  await pass.run();
  expect(committed).toHaveLength(20);
  expect(most()).toBe(8);
});

test('a guard that trips ends the pass, and none of its waiting chunks is committed', async () => {
  const tooMany = new GuardTripped('too many');
  const { guards, condition } = holding(() => {
    throw tooMany;
  });
  const { pass, committed } = passOver(3, {
    guards,
    condition,
    pull: (userId, _, take) => Promise.resolve(exported(userId, take)),
  });
  await expect(pass.run()).rejects.toBe(tooMany);
  expect(committed).toEqual([]);
});

test('a guard that trips while the run is stopping drops its chunk, and the run is stopped as asked', async () => {
  const stop = new AbortController();
  const { guards, condition } = holding(() => {
    throw new GuardTripped('too many');
  });
  const { pass, committed } = passOver(3, {
    guards,
    condition,
    stop: stop.signal,
    pull: (userId, _, take) => {
      if (userId === 'slow3') stop.abort('SIGTERM');
      return Promise.resolve(exported(userId, take));
    },
  });
  await pass.run();
  expect(committed).toEqual([]);
});

test('rows that a destination does not read are counted all the same', async () => {
  const slice = (userId: string): UserRows => ({
    userId,
    conversations: [],
    contactGroups: [],
    memberships: [],
    oddities: { ...NO_ODDITIES, unnamedGroups: 3 },
  });
  const { pass, committed } = passOver(1, {
    pull: async (userId, _, take) => {
      take(slice(userId), [slice(userId), slice(userId)]);
      return { kind: 'exported', taken: null };
    },
  });

  await pass.run();

  expect(committed.map(({ counts }) => counts.unnamedGroups)).toEqual([2 * 3 * 3]);
});

test('a process of a shared run decides on chunks that wait once all chunks of the others wait, too', async () => {
  const shared = { doAllOthersWait: false, hearOthers: async () => {} };
  const decided: boolean[] = [];
  let ask = (): void => {};
  let allow = (): void => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const allowed = new Promise<void>((resolve) => {
    allow = resolve;
  });
  const guards = {
    observe: () => {},
    waitingChunks: 0,
    waitingWithoutRows: 0,
    check: async () => {
      guards.waitingChunks = 1;
      ask();
      await allowed;
      return null;
    },
    evaluateNow: () => {
      decided.push(shared.doAllOthersWait);
      guards.waitingChunks = 0;
      allow();
    },
  };
  const run = {
    shared,
    encode: ({ userId }: UserRows) => ({ userId, bytes: 0, moveTo: () => true }),
    async *openChunks(pass: 1 | 2, { onIdle }: WaitingForChunks): AsyncGenerator<Chunk> {
      yield { number: 1, pass, userIds: ['a'] };
      await asked;
      onIdle();
      expect(decided).toEqual([]);
      shared.doAllOthersWait = true;
      onIdle();
    },
    commit: async () => NO_COUNTS,
  } as unknown as RunWriter;
  const pull: PassOptions['pull'] = async (userId, _, take) => exported(userId, take);
  await passOver(0, { pull, run, guards }).pass.run();
  expect(decided).toEqual([true]);
});
