import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  ApiUnusable,
  ClientClosed,
  createClient,
  JobError,
  type PulledUser,
  type PullOptions,
  pullContactGroups,
  type Retry,
  UserListError,
} from '../../src/index.ts';
import { differences } from '../support/destinations.ts';
import { SECRET_KEY, startSimulation } from '../support/simulation.ts';
import { all, appOf, asDestination, exportedOf, ids, idsOf } from './app.ts';

describe('pulling users', () => {
  test('gives the rows that are true, whatever faults the calls meet, and says what was tried again', async () => {
    const simulation = await startSimulation({
      users: 150,
      seed: 71,
      pageSize: 5,
      rate: 1_000,
      oddities: true,
      empty: 0.1,
      faults: { '50004': 0.03, http502: 0.02, reset: 0.02, garbage: 0.02 },
    });
    const retries: Retry[] = [];
    const pulled = await all(
      pullContactGroups(await idsOf(simulation), appOf(simulation), {
        onRetry: (retry) => retries.push(retry),
      }),
    );
    expect(await differences(simulation.expectedDir, asDestination(pulled))).toEqual({});
    const { calls } = await simulation.report();
    const sum = (of: (user: PulledUser) => number): number => pulled.reduce((all, one) => all + of(one), 0);
    expect(sum(({ calls: attempts }) => attempts)).toBe(calls);
    expect(retries.length).toBe(calls - sum((user) => (user.status === 'exported' ? user.pages : 0)));
    expect(new Set(retries.map(({ cause }) => cause))).toEqual(new Set(['50004', 'network', 'malformed']));
    expect(Math.min(...retries.map(({ attempt }) => attempt))).toBe(2);
  });

  test('gives a user who fails, and one who is not in the app, with the reason why', async () => {
    const simulation = await startSimulation({
      users: 10,
      script: [
        { fault: '50004', user: 'user0000003', times: 100 },
        { fault: '70402', user: 'user0000004', times: 100 },
      ],
    });
    const users = ['user0000003', 'user0000004', 'nobody', 'user0000005'];
    const pulled = await all(pullContactGroups(users, { ...appOf(simulation), maxAttempts: 2 }));
    const of = (userId: string): PulledUser | undefined => pulled.find((user) => user.userId === userId);
    expect(of('user0000003')).toMatchObject({
      status: 'failed',
      reason: 'transient_error',
      code: 50_004,
      calls: 2,
    });
    expect(of('user0000004')).toMatchObject({
      status: 'failed',
      reason: 'api_error',
      code: 70_402,
      info: expect.any(String),
      description: expect.any(String),
      hint: expect.any(String),
      calls: 1,
    });
    expect(of('nobody')).toMatchObject({ status: 'not-in-app', code: 50_001, calls: 1 });
    expect(of('user0000005')).toMatchObject({ status: 'exported' });
  });

  test('takes one ID as a text, and IDs from a stream that gives them one by one', async () => {
    const simulation = await startSimulation({ users: 10 });
    async function* stream() {
      yield 'user0000001';
      yield 'user0000002';
    }
    const app = appOf(simulation);
    expect((await all(pullContactGroups('user0000003', app))).map(({ userId }) => userId)).toEqual([
      'user0000003',
    ]);
    expect(exportedOf(await all(pullContactGroups(stream(), app)))).toHaveLength(2);
    expect(await all(pullContactGroups([], app))).toEqual([]);
  });

  test('yields a user as soon as the pages are there: a stalled call delays no other user', async () => {
    const simulation = await startSimulation({
      users: 10,
      stallMs: 2_000,
      script: [{ fault: 'stall', user: 'user0000002', times: 1 }],
    });
    const pulled = await all(
      pullContactGroups(['user0000001', 'user0000002', 'user0000003', 'user0000004'], appOf(simulation)),
    );
    expect(pulled.at(-1)?.userId).toBe('user0000002');
  });

  test('reads no more IDs than may be under way, while no result is taken', async () => {
    const simulation = await startSimulation({ users: 100, rate: 1_000 });
    let read = 0;
    function* counted() {
      for (const id of ids(60)) {
        read += 1;
        yield id;
      }
    }
    const pulling = pullContactGroups(counted(), { ...appOf(simulation), concurrency: 4 });
    await pulling.next();
    // Long enough for all sixty, if they were asked for.
    for (let calls = -1; calls !== (await simulation.report()).calls; ) {
      calls = (await simulation.report()).calls;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    // One is taken, and four are begun or wait to be taken.
    expect(read).toBe(5);
    await pulling.return();
  });
});

// A call without an answer outlasts the test: what waits for one does not end.
const patient = (app: PullOptions): PullOptions => ({ ...app, timeout: '10m' });

describe('a loop that is left', () => {
  test('ends the calls under way and closes the stream of IDs', async () => {
    const simulation = await startSimulation({
      users: 100,
      script: [{ fault: 'stall', calls: [2, 100] }],
    });
    let isClosed = false;
    function* users() {
      try {
        yield* ids(60);
      } finally {
        isClosed = true;
      }
    }
    for await (const user of pullContactGroups(users(), patient(appOf(simulation)))) {
      expect(user.status).toBe('exported');
      break;
    }
    expect(isClosed).toBe(true);
  });

  test('by a signal ends with its reason, in the middle of calls that get no answer', async () => {
    const simulation = await startSimulation({ users: 100, faults: { stall: 1 } });
    const abort = new AbortController();
    const reason = new Error('enough');
    const pulling = all(pullContactGroups(ids(20), patient(appOf(simulation)), { signal: abort.signal }));
    const refused = expect(pulling).rejects.toBe(reason);
    while ((await simulation.report()).calls === 0);
    abort.abort(reason);
    await refused;
  });

  test('by a signal does not wait for a stream of IDs that gives none', async () => {
    const simulation = await startSimulation({ users: 10 });
    async function* never(): AsyncGenerator<string> {
      yield 'user0000001';
      await new Promise(() => {});
    }
    const abort = new AbortController();
    const pulling = pullContactGroups(never(), appOf(simulation), { signal: abort.signal });
    expect((await pulling.next()).value).toMatchObject({ userId: 'user0000001' });
    const next = expect(pulling.next()).rejects.toMatchObject({ name: 'AbortError' });
    abort.abort();
    await next;
  });

  test('by a signal that is already aborted makes no call', async () => {
    const simulation = await startSimulation({ users: 10 });
    const signal = AbortSignal.abort('too late');
    await expect(all(pullContactGroups(ids(3), appOf(simulation), { signal }))).rejects.toBe('too late');
    expect((await simulation.report()).calls).toBe(0);
  });
});

describe('an error that belongs to no user ends the loop:', () => {
  test('credentials that the API refuses, tried once', async () => {
    const simulation = await startSimulation({ users: 10 });
    const wrong = 'b'.repeat(64);
    const failure = await all(pullContactGroups(ids(8), { ...appOf(simulation), secretKey: wrong })).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ApiUnusable);
    expect(failure).toMatchObject({ code: 'API_UNUSABLE', apiCode: 70_009 });
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain(wrong);
    expect((await simulation.report()).calls).toBe(1);
  });

  test('an ID that cannot be one, after those before it', async () => {
    const simulation = await startSimulation({ users: 10 });
    const pulled: string[] = [];
    const pulling = async (users: Iterable<string>) => {
      for await (const { userId } of pullContactGroups(users, appOf(simulation))) pulled.push(userId);
    };
    await expect(pulling(['user0000001', ' amy'])).rejects.toThrow(
      new UserListError(['user 2: white space around the ID (U+0020): " amy"; remove it']),
    );
    await expect(pulling([7 as unknown as string])).rejects.toThrow(
      'user 1: expected a string, not a number',
    );
    await expect(pulling(7 as unknown as string[])).rejects.toThrow('expected a user ID, or an iterable');
  });

  test('the stream of IDs itself, with its own error', async () => {
    const simulation = await startSimulation({ users: 10 });
    const broken = new Error('the database went away');
    async function* users() {
      yield 'user0000001';
      throw broken;
    }
    await expect(all(pullContactGroups(users(), appOf(simulation)))).rejects.toBe(broken);
  });

  test('invalid options, all reported at once, before any call', async () => {
    const options = { sdkapid: 1, rate: '5' as unknown as number, region: 'mars' as 'china' };
    const failure = await all(pullContactGroups('amy', options as object)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(JobError);
    expect((failure as JobError).problems).toEqual([
      '"sdkapid": there is no such option; did you mean sdkAppId?',
      'rate: expected a number, not a string',
      expect.stringMatching(/^region=mars: expected one of china, /),
      'sdkAppId is missing: give it as an option, or write sdk-app-id: NUMBER in the job file',
      'credentials are missing: give one of the options secretKey, secretKeyFile, usersig and usersigFile',
    ]);
  });
});

describe('a client', () => {
  test('keeps one quota for all that it pulls at the same time', async () => {
    const simulation = await startSimulation(
      { users: 300, seed: 72, rate: 100, latency: [20, 100], faults: { '50004': 0.03 } },
      { apart: true },
    );
    // A tolerance for the delay of a loaded machine between two processes.
    const client = await createClient({ ...appOf(simulation), rate: 100, rateMargin: 60 });
    const list = await idsOf(simulation);
    const pulled = await Promise.all(
      [0, 1, 2].map((part) => all(client.pull(list.filter((_, i) => i % 3 === part)))),
    );
    await client.close();
    expect(await differences(simulation.expectedDir, asDestination(pulled.flat()))).toEqual({});
    const report = await simulation.report();
    expect(report.calls).toBeGreaterThan(300);
    expect(report.fullestSecond).toBeLessThanOrEqual(100);
    expect(report.overQuota).toBe(0);
  });

  test('continues with other loops when one of them is left', async () => {
    const simulation = await startSimulation({ users: 100, rate: 1_000, latency: [5, 20] });
    const client = await createClient(appOf(simulation));
    const others = all(client.pull(ids(40)));
    for await (const _ of client.pull(ids(40))) break;
    expect(exportedOf(await others)).toHaveLength(40);
    await client.close();
  });

  test('that is closed ends its loops, and starts none', async () => {
    const simulation = await startSimulation({ users: 10, script: [{ fault: 'stall', calls: [2, 100] }] });
    const client = await createClient(appOf(simulation));
    const pulling = client.pull(ids(8));
    await pulling.next();
    const next = expect(pulling.next()).rejects.toThrow(ClientClosed);
    await client.close();
    await next;
    await expect(all(client.pull('user0000001'))).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
    await client.close();
  });

  test('shows nothing of its secret', async () => {
    const client = await createClient({ region: 'seoul', sdkAppId: 1, secretKey: SECRET_KEY });
    expect(
      inspect(client, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(client),
    ).not.toContain(SECRET_KEY);
    await client.close();
  });

  test('is not stopped by what a listener throws, and warns of it', async () => {
    const simulation = await startSimulation({ users: 10, script: [{ fault: '50004', calls: [1, 2] }] });
    const warnings: string[] = [];
    const pulled = await all(
      pullContactGroups(ids(5), appOf(simulation), {
        onRetry: async () => {
          throw new Error('oh no');
        },
        onWarning: (message) => {
          warnings.push(message);
          throw new Error('and again');
        },
      }),
    );
    expect(exportedOf(pulled)).toHaveLength(5);
    expect(warnings).toEqual(Array(2).fill('the listener onRetry threw: oh no'));
  });
});
