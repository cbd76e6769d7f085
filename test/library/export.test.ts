import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  ApiUnusable,
  DestinationLocked,
  type ExportOptions,
  exportContactGroups,
  isChatExportError,
  JobError,
  type OpenedRun,
  type Progress,
  UserListError,
} from '../../src/index.ts';
import { csvDestination, differences, postgresDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram } from '../support/program.ts';
import { SECRET_KEY, type Simulation, startSimulation } from '../support/simulation.ts';
import { appOf } from './app.ts';

const jobOf = (simulation: Simulation, to: string): ExportOptions => ({
  ...appOf(simulation),
  users: simulation.users,
  to,
  chunkSize: 20,
});

describe('an export from code', () => {
  test('leaves the expected rows, and reports its events', async () => {
    const simulation = await startSimulation({
      users: 100,
      seed: 73,
      rate: 1_000,
      notImported: 0.05,
      faults: { '50004': 0.03 },
    });
    const destination = await postgresDestination();
    const opened: OpenedRun[] = [];
    const progress: Progress[] = [];
    const notInApp: string[] = [];
    let retries = 0;
    const outcome = await exportContactGroups(jobOf(simulation, destination.to), {
      onOpened: (run) => void opened.push(run),
      onProgress: (now) => void progress.push(now),
      onUnexported: (user) => void notInApp.push(user.status),
      onRetry: () => {
        retries += 1;
      },
    });
    expect(await differences(simulation.expectedDir, destination)).toEqual({});
    expect(outcome).toMatchObject({
      status: 'finished',
      exitCode: 0,
      run: {
        runId: 1,
        decision: { kind: 'start', why: 'this job has no earlier run here' },
        failedCalls: expect.any(Number),
      },
    });
    const counts = outcome.run?.counts;
    expect((counts?.exported ?? 0) + (counts?.notInApp ?? 0)).toBe(100);
    expect(opened).toEqual([
      {
        runId: 1,
        decision: { kind: 'start', why: 'this job has no earlier run here' },
        destination: outcome.run?.destination,
        users: 100,
        usersDone: 0,
      },
    ]);
    expect(progress.at(-1)).toMatchObject({
      users: 100,
      usersDone: 100,
      counts: { exported: counts?.exported },
    });
    expect(notInApp).toEqual(Array(counts?.notInApp).fill('not-in-app'));
    expect(retries).toBe(counts?.retries);
  });

  test('finishes with exit code 3 when users failed, each reported with its hint', async () => {
    const simulation = await startSimulation({
      users: 30,
      script: [{ fault: '70402', user: 'user0000003', times: 100 }],
    });
    const failed: unknown[] = [];
    const { to } = await csvDestination();
    const outcome = await exportContactGroups(jobOf(simulation, to), {
      onUnexported: (user) => failed.push(user),
    });
    expect(outcome).toMatchObject({
      status: 'finished',
      exitCode: 3,
      run: { counts: { failed: 1, exported: 29 } },
    });
    expect(failed).toMatchObject([
      {
        status: 'failed',
        userId: 'user0000003',
        reason: 'api_error',
        code: 70_402,
        hint: expect.any(String),
      },
    ]);
  });

  test('is stopped cleanly by its signal, and resumed by the next', async () => {
    const simulation = await startSimulation({ users: 200, seed: 74, rate: 1_000, latency: [5, 20] });
    const destination = await csvDestination();
    const job = jobOf(simulation, destination.to);
    const abort = new AbortController();
    const stopped = await exportContactGroups(job, { signal: abort.signal, onProgress: () => abort.abort() });
    expect(stopped).toMatchObject({ status: 'stopped', by: 'signal', exitCode: 130, run: { runId: 1 } });
    const reported = await runProgram(['show', '1', '--to', destination.to]);
    expect(reported.stdout).toMatch(/^ *stop reason +abort$/m);
    const done = stopped.run?.counts.exported ?? 0;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(200);
    const finished = await exportContactGroups(job);
    expect(finished).toMatchObject({ status: 'finished', run: { runId: 1, decision: { kind: 'resume' } } });
    expect(await differences(simulation.expectedDir, destination)).toEqual({});
  });

  test('that is stopped before its run is opened has no run', async () => {
    const simulation = await startSimulation({ users: 10 });
    const { to } = await csvDestination();
    const signal = AbortSignal.abort(new Error('any text'));
    expect(await exportContactGroups(jobOf(simulation, to), { signal })).toEqual({
      status: 'stopped',
      by: 'signal',
      exitCode: 130,
      run: null,
    });
    expect((await simulation.report()).calls).toBe(0);
  });

  test('is stopped by maxDuration, in milliseconds or with a unit', async () => {
    const simulation = await startSimulation({ users: 200, latency: [50, 50] });
    const { to } = await csvDestination();
    const job = { ...jobOf(simulation, to), concurrency: 1 };
    for (const maxDuration of [1_000, '1s']) {
      expect(await exportContactGroups({ ...job, maxDuration })).toMatchObject({
        status: 'stopped',
        by: 'max-duration',
        exitCode: 7,
        run: { runId: 1 },
      });
    }
  });

  test('has nothing to do without a failed user to pull again', async () => {
    const simulation = await startSimulation({ users: 10 });
    const { to } = await postgresDestination();
    const job = jobOf(simulation, to);
    await exportContactGroups(job);
    expect(await exportContactGroups({ ...job, users: undefined, retryFailed: 'last' })).toEqual({
      status: 'nothing-to-retry',
      exitCode: 0,
      run: null,
    });
  });

  test('is not stopped by what its listeners throw', async () => {
    const simulation = await startSimulation({ users: 40 });
    const { to } = await csvDestination();
    const warnings: string[] = [];
    const throws = (): never => {
      throw new Error('oh no');
    };
    const outcome = await exportContactGroups(jobOf(simulation, to), {
      onOpened: throws,
      onProgress: throws,
      onWarning: (message) => void warnings.push(message),
    });
    expect(outcome.status).toBe('finished');
    expect(warnings).toEqual([
      'the listener onOpened threw: oh no',
      'the listener onProgress threw: oh no',
      'the listener onProgress threw: oh no',
    ]);
  });
});

describe('the options of an export', () => {
  test('beat those of a job file, which may take variables of the environment that is given', async () => {
    const simulation = await startSimulation({ users: 20 });
    const directory = await temporaryDirectory();
    const jobFile = join(directory, 'nightly.yaml');
    await writeFile(jobFile, `users: \${LIST}\nto: csv:export\nregion: seoul\nsdk-app-id: 1\nlimit: 3\n`);
    const { endpoint, sdkAppId, secretKey } = appOf(simulation);
    const outcome = await exportContactGroups({
      jobFile,
      env: { LIST: simulation.users },
      endpoint,
      sdkAppId,
      secretKey,
      limit: 7,
    });
    expect(outcome.run).toMatchObject({ destination: `csv:${directory}/export`, counts: { exported: 7 } });
  });

  test('take nothing of the environment unless it is given', async () => {
    const simulation = await startSimulation({ users: 5 });
    const { to } = await csvDestination();
    process.env.CHAT_EXPORT_LIMIT = '2';
    process.env.HTTPS_PROXY = 'no proxy at all';
    try {
      const job = jobOf(simulation, to);
      expect((await exportContactGroups(job)).run?.counts.exported).toBe(5);
      const env = { CHAT_EXPORT_LIMIT: '2' };
      expect((await exportContactGroups({ ...job, env })).run?.counts.exported).toBe(2);
    } finally {
      delete process.env.CHAT_EXPORT_LIMIT;
      delete process.env.HTTPS_PROXY;
    }
  });

  test('may hold a password, which no message repeats', async () => {
    const password = 'pass-of-the-test';
    const failure = await exportContactGroups({
      users: 'users.txt',
      to: `postgres://me:${password}@127.0.0.1:1/db`,
      endpoint: 'http://127.0.0.1:9',
      sdkAppId: 1,
      secretKey: SECRET_KEY,
      rate: -1,
    }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(JobError);
    expect((failure as JobError).problems).toEqual([
      'rate=-1: expected a number from 0.001 to 10000, for example 200',
    ]);
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toMatch(
      new RegExp(`${password}|${SECRET_KEY}`),
    );
  });

  test('that only the command has are refused, and so are values of the wrong type', async () => {
    const options = { json: true, limit: '5', prune: 'yes', code: [1.5], retryFailed: 'first', secretKey: 7 };
    const failure = await exportContactGroups(options as object).catch((error: unknown) => error);
    expect((failure as JobError).problems.slice(0, 6)).toEqual([
      '"json": there is no such option',
      'limit: expected a number, not a string',
      'prune: expected true or false, not a string',
      'code: expected an array of whole numbers, not this array',
      "retryFailed: expected the number of a run, or 'last', not a string",
      'secretKey: expected a string, not a number',
    ]);
  });

  test('hold one credential', async () => {
    const options = { ...({ region: 'seoul', sdkAppId: 1, to: 'csv:export', users: 'users.txt' } as const) };
    const problemsOf = async (more: ExportOptions) => {
      const failure = await exportContactGroups({ ...options, ...more }).catch((error: unknown) => error);
      return (failure as JobError).problems;
    };
    expect(await problemsOf({ secretKey: SECRET_KEY, secretKeyFile: 'secret-key' })).toEqual([
      'secretKey and secretKeyFile=secret-key are both set; keep one of them',
    ]);
    expect(await problemsOf({ secretKey: SECRET_KEY, usersig: 'eJxy' })).toEqual([
      'both a secret key and a UserSig are given (secretKey and usersig); keep one of them',
    ]);
    expect(await problemsOf({ secretKey: '' })).toEqual(['secretKey: the secret key is blank']);
  });
});

describe('what a run meets is thrown as an error with a code:', () => {
  test('credentials that the API refuses', async () => {
    const simulation = await startSimulation({ users: 10 });
    const { to } = await csvDestination();
    const failure = await exportContactGroups({ ...jobOf(simulation, to), secretKey: 'b'.repeat(64) }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ApiUnusable);
    expect(isChatExportError(failure) && failure.code).toBe('API_UNUSABLE');
  });

  test('a list that is not there', async () => {
    const simulation = await startSimulation({ users: 10 });
    const { to } = await csvDestination();
    const failure = await exportContactGroups({ ...jobOf(simulation, to), users: '/no/such/list' }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(UserListError);
    expect(failure).toMatchObject({ code: 'USER_LIST_INVALID' });
  });

  test('another run at work in the same place', async () => {
    const simulation = await startSimulation({ users: 40, latency: [20, 20] });
    const { to } = await csvDestination();
    const job = jobOf(simulation, to);
    let second: Promise<unknown> = Promise.resolve();
    await exportContactGroups(job, {
      onOpened: () => {
        second = exportContactGroups(job).catch((error: unknown) => error);
      },
    });
    const failure = await second;
    expect(failure).toBeInstanceOf(DestinationLocked);
    expect(failure).toMatchObject({ code: 'DESTINATION_LOCKED' });
  });

  test('a fault of the caller or the package is none of them', () => {
    expect(isChatExportError(new TypeError('x'))).toBe(false);
    expect(isChatExportError(undefined)).toBe(false);
  });
});
