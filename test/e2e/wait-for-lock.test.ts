import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FileDestination } from '../../src/destinations/files/file-destination.ts';
import { PostgresDestination } from '../../src/destinations/postgres/postgres-destination.ts';
import { defaultOptions, type SimulatorOptions } from '../../src/simulator/options/options.ts';
import { serve } from '../chat-api/server.ts';
import { runHere } from '../support/command-line.ts';
import {
  csvDestination,
  differences,
  embeddedDestination,
  postgresDestination,
  type TestDestination,
} from '../support/destinations.ts';
import { plainDirectory, temporaryDirectory } from '../support/directory.ts';
import { ownServer } from '../support/own-server.ts';
import { type Program, type ProgramResult, startProgram } from '../support/program.ts';
import { startInTerminal } from '../support/pseudo-terminal.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

const app = { seed: 13, oddUserIds: 0, rate: 1_000 };
const slow = ['--rate', '500', '--chunk-size', '5', '--timeout', '10m'];
const STALLED = 'user0000012';
/** The call for this user gets no answer, so that the first run has not finished when the second attempt comes. */
const stalled: SimulatorOptions['script'] = [{ fault: 'stall', user: STALLED, times: 1_000_000 }];
const waits = (time: string) => ['--wait-for-lock', time, '--rate', '500', '--chunk-size', '5'];
const WAITS = /another run is at work in the destination: .*; this attempt waits up to /;

type Summary = {
  readonly outcome: string;
  readonly run: number;
  readonly attempts: number;
  readonly finished_by_another_attempt?: boolean;
  readonly counts: { readonly exported: number };
  readonly this_attempt: { readonly calls: number };
};
const summaryOf = ({ stdout }: ProgramResult): Summary => JSON.parse(stdout) as Summary;

/** Ends the call without an answer, so that the first run finishes. */
async function letFinish(simulation: Simulation, script: SimulatorOptions['script'] = []): Promise<void> {
  await simulation.change({ script: [{ fault: 'down', calls: [1, 1_000_000] }] });
  await expect(fetch(simulation.url)).rejects.toThrow();
  await simulation.change({ script });
}

function start(simulation: Simulation, to: string, more: readonly string[]): Program {
  const { args, env } = runAgainst(simulation, to, '--json', ...more);
  return startProgram(args, { env });
}

/** Holds the lock of a destination in this process, without a run. @returns what releases it */
async function holdLock({ to }: TestDestination): Promise<() => Promise<void>> {
  const { sdkAppId } = defaultOptions;
  const destination = to.startsWith('csv:')
    ? await FileDestination.open(to.slice('csv:'.length), sdkAppId)
    : await PostgresDestination.open({
        url: to,
        name: 'postgres://test',
        schema: 'chat_export',
        sdkAppId,
        migrate: true,
        history: false,
        keepRuns: 90,
        maxOutageMs: 20_000,
        stop: new AbortController().signal,
        events: { onOutage: () => {}, onNotice: () => {} },
      });
  let isHeld = true;
  const release = async (): Promise<void> => {
    if (!isHeld) return;
    isHeld = false;
    await destination.close();
  };
  onTestFinished(() => release().catch(() => {}));
  return release;
}

async function queryIn(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const kinds = [
  ['csv', csvDestination],
  ['embedded', embeddedDestination],
  ['postgres', () => postgresDestination()],
] as const;

describe.each(kinds)('a second attempt that waits for the lock of a run into %s', (_, destinationOf) => {
  test('resumes the run when the first is killed, and the rows are as expected', async () => {
    const simulation = await startSimulation({ ...app, users: 60, script: stalled });
    const destination = await destinationOf();
    const first = start(simulation, destination.to, slow);
    await first.waitForLine(/chunk 1 is committed/);
    const second = start(simulation, destination.to, waits('10m'));
    await second.waitForLine(WAITS);
    await simulation.change({ script: [] });
    first.kill('SIGKILL');
    await first.exit;
    const ended = await second.exit;
    expect(ended.stderr).toMatch(/the lock is free; this attempt continues/);
    expect(ended.stderr).toMatch(/run 1 of job default resumes: /);
    expect(ended).toMatchObject({ code: 0 });
    expect(summaryOf(ended)).toMatchObject({ run: 1, attempts: 2, counts: { exported: 60 } });
    expect(await differences(simulation.expectedDir, destination)).toEqual({});
  });

  test('ends as the first does when that finishes the run, and makes no call', async () => {
    const simulation = await startSimulation({ ...app, users: 30, script: stalled });
    const destination = await destinationOf();
    const first = start(simulation, destination.to, slow);
    await first.waitForLine(/chunk 1 is committed/);
    const second = start(simulation, destination.to, waits('10m'));
    await second.waitForLine(WAITS);
    await letFinish(simulation);
    expect(await first.exit).toMatchObject({ code: 0 });
    const { calls } = await simulation.report();
    const ended = await second.exit;
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toMatch(
      /another attempt finished run 1 while this one waited for its lock; this one made no call/,
    );
    expect(ended.stderr).not.toContain('this attempt continues');
    expect(summaryOf(ended)).toMatchObject({
      outcome: 'finished',
      finished_by_another_attempt: true,
      run: 1,
      attempts: 1,
      counts: { exported: 30 },
      this_attempt: { calls: 0 },
    });
    expect((await simulation.report()).calls).toBe(calls);
  });
});

const held = kinds.filter(([name]) => name !== 'embedded');

describe.each(held)('while the lock of %s is held, a second attempt', (_, destinationOf) => {
  test('ends with 8 when its time is over, and says how long it waited for which holder', async () => {
    const simulation = await startSimulation({ ...app, users: 5 });
    const destination = await destinationOf();
    await holdLock(destination);
    const { args, env } = runAgainst(simulation, destination.to, ...waits('2s'));
    const ended = await runHere(args, { env });
    expect(ended).toMatchObject({ code: 8, stdout: '' });
    expect(ended.stderr).toMatch(WAITS);
    const last = ended.stderr.trimEnd().split('\n').at(-1);
    expect(last).toMatch(
      new RegExp(
        `process ${process.pid} on .*; this attempt waited \\d+(?:\\.\\d)? s for it \\(--wait-for-lock\\); `,
      ),
    );
    expect((await simulation.report()).calls).toBe(0);
  });

  test('ends with 143 soon after SIGTERM, and nothing was called', async () => {
    const simulation = await startSimulation({ ...app, users: 5 });
    const destination = await destinationOf();
    const release = await holdLock(destination);
    const second = start(simulation, destination.to, waits('10m'));
    await second.waitForLine(WAITS);
    second.kill();
    const ended = await second.exit;
    expect(ended).toMatchObject({ code: 143, stdout: '' });
    expect(ended.stderr).toMatch(/SIGTERM: the run was not opened yet; nothing was called/);
    expect((await simulation.report()).calls).toBe(0);
    await release();
    await (await holdLock(destination))();
  });

  test('ends with 7 when --max-duration is over, which counts the wait', async () => {
    const simulation = await startSimulation({ ...app, users: 5 });
    const destination = await destinationOf();
    await holdLock(destination);
    const { args, env } = runAgainst(simulation, destination.to, ...waits('10m'), '--max-duration', '3s');
    const ended = await runHere(args, { env });
    expect(ended).toMatchObject({ code: 7, stdout: '' });
    expect(ended.stderr).toMatch(/--max-duration is over before the run was opened; nothing was called/);
  });

  test('is refused at once when its list is wrong', async () => {
    const simulation = await startSimulation({ ...app, users: 5 });
    const destination = await destinationOf();
    await holdLock(destination);
    await writeFile(simulation.users, 'one\ntwo\n\u0007three\n');
    const { args, env } = runAgainst(simulation, destination.to, ...waits('10m'));
    const ended = await runHere(args, { env });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).not.toMatch(WAITS);
  });

  test('starts with the list as it is once the lock is free', async () => {
    const simulation = await startSimulation({ ...app, users: 5 });
    const destination = await destinationOf();
    const release = await holdLock(destination);
    const all = join(await temporaryDirectory(), 'users.txt');
    await writeFile(all, 'user0000001\n');
    const second = start({ ...simulation, users: all }, destination.to, waits('10m'));
    await second.waitForLine(WAITS);
    await appendFile(all, 'user0000002\nuser0000003\n');
    await release();
    const ended = await second.exit;
    expect(ended).toMatchObject({ code: 0 });
    expect(summaryOf(ended)).toMatchObject({ run: 1, counts: { exported: 3 } });
  });

  test('is foretold by check, which makes no call and does not fail', async () => {
    const simulation = await startSimulation({ ...app, users: 5 });
    const destination = await destinationOf();
    await holdLock(destination);
    const { args, env } = runAgainst(simulation, destination.to, ...waits('20h'));
    const checked = await runHere(['check', ...args.slice(1)], { env });
    expect(checked.stdout).toMatch(/! lock +another run is at work here: /);
    expect(checked.stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /an attempt now would wait up to 20 h for it \(--wait-for-lock\)/,
    );
    expect(checked.code).toBe(0);
    expect((await simulation.report()).calls).toBe(0);
  });
});

test('a second attempt that could not resume the run at work is refused at once', async () => {
  const simulation = await startSimulation({ ...app, users: 60, script: stalled });
  const key = join(await temporaryDirectory(), 'key');
  await writeFile(key, 'k'.repeat(32));
  const destination = await postgresDestination();
  const first = start(simulation, destination.to, slow);
  await first.waitForLine(/chunk 1 is committed/);
  for (const [options, message] of [
    [['--pseudonymize', key], /--pseudonymize: the rows that are there hold user IDs in the clear/],
    [['--drop-free-text'], /run 1 is unfinished and cannot be resumed: it kept free text/],
    [['--resume', '9'], /--resume 9: the destination has no such run of this app/],
  ] as const) {
    const { args, env } = runAgainst(simulation, destination.to, ...waits('10m'), ...options);
    const refused = await runHere(args, { env });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(message);
    expect(refused.stderr).not.toMatch(WAITS);
  }
});

test('a second attempt does not resume a run that a guard stopped, and ends with 6 as well', async () => {
  const script = [{ fault: '50004' as const, user: 'user0000029', times: 1_000_000 }];
  const simulation = await startSimulation({ ...app, users: 30, script: [...stalled, ...script] });
  const destination = await postgresDestination();
  const guarded = ['--max-failed-users', '0', '--max-attempts', '1'];
  const first = start(simulation, destination.to, [...slow, ...guarded]);
  await first.waitForLine(/chunk 1 is committed/);
  const second = start(simulation, destination.to, [...waits('10m'), ...guarded]);
  await second.waitForLine(WAITS);
  await letFinish(simulation, script);
  expect(await first.exit).toMatchObject({ code: 6 });
  const { calls } = await simulation.report();
  const ended = await second.exit;
  expect(ended).toMatchObject({ code: 6, stdout: '' });
  expect(ended.stderr).toMatch(
    /a guard stopped run 1 while this attempt waited for its lock: .*--max-failed-users/,
  );
  expect((await simulation.report()).calls).toBe(calls);
  // An operator who has looked can resume it.
  const { args, env } = runAgainst(simulation, destination.to, '--rate', '500', '--wait-for-lock', '1m');
  expect(await runHere(args, { env })).toMatchObject({ code: 3, stdout: expect.stringMatching(/^Run 1 /) });
});

test('a second attempt ends with 3 when the first finished with failed users, and pings nothing', async () => {
  const script = [{ fault: '50004' as const, user: 'user0000019', times: 1_000_000 }];
  const simulation = await startSimulation({ ...app, users: 30, script: [...stalled, ...script] });
  const destination = await postgresDestination();
  const metrics = join(await temporaryDirectory(), 'second.prom');
  const first = start(simulation, destination.to, [...slow, '--max-attempts', '1']);
  await first.waitForLine(/chunk 1 is committed/);
  const pings: string[] = [];
  const { endpoint } = await serve(({ url }, response) => {
    pings.push(url.pathname);
    response.end();
  });
  const watched = ['--ping', `${endpoint}/ping`, '--metrics-file', metrics];
  const second = start(simulation, destination.to, [...waits('10m'), ...watched]);
  await second.waitForLine(WAITS);
  await letFinish(simulation, script);
  expect(await first.exit).toMatchObject({ code: 3 });
  const ended = await second.exit;
  expect(ended).toMatchObject({ code: 3 });
  expect(pings).toEqual([]);
  expect(await readFile(metrics, 'utf8')).toMatch(/^chat_export_last_success_timestamp_seconds\{.*\} \d/m);
});

test('a second attempt resumes a run whose first was stopped by a signal', async () => {
  const simulation = await startSimulation({ ...app, users: 60, script: stalled });
  const destination = await postgresDestination();
  const first = start(simulation, destination.to, slow);
  await first.waitForLine(/chunk 1 is committed/);
  const second = start(simulation, destination.to, waits('10m'));
  await second.waitForLine(WAITS);
  await simulation.change({ script: [] });
  first.kill();
  expect(await first.exit).toMatchObject({ code: 143 });
  const ended = await second.exit;
  expect(summaryOf(ended)).toMatchObject({ run: 1, attempts: 2, counts: { exported: 60 } });
  expect(await differences(simulation.expectedDir, destination)).toEqual({});
});

test('an attempt that stops waiting has its statement cancelled, and a wait that is repeated is no error in the log', async () => {
  const simulation = await startSimulation({ ...app, users: 5 });
  const directory = join(await plainDirectory(), 'server');
  const server = await ownServer(directory);
  await holdLock(server);
  const second = start(simulation, server.to, waits('10m'));
  // Its first wait is over, and the second has begun.
  await second.waitForLine(WAITS);
  const waiting = () =>
    queryIn(
      server.to,
      `select wait_event from pg_stat_activity where application_name like 'chat-export run, process ${second.pid} %'`,
    );
  // By an event, not by asking again and again.
  expect(await waiting()).toEqual([{ wait_event: 'advisory' }]);
  second.kill();
  await second.exit;
  // Without a request, the server notices a client that is gone only when the statement ends.
  while ((await waiting()).length > 0);
  const log = await readFile(join(directory, 'server.log'), 'utf8');
  expect(log).toMatch(/canceling statement due to user request/);
  expect(log).not.toMatch(/lock timeout/);
});

describe('a database that becomes unavailable while a second attempt waits', () => {
  test('is waited for, and the attempt continues once it has recovered', async () => {
    const simulation = await startSimulation({ ...app, users: 5 });
    const server = await ownServer();
    await holdLock(server);
    const second = start(simulation, server.to, [...waits('10m'), '--max-outage', '5m']);
    await second.waitForLine(WAITS);
    server.kill();
    await second.waitForLine(/the destination is unavailable; the run waits up to 5 min \(--max-outage\)/);
    await server.startAgain();
    await second.waitForLine(/the destination has recovered/);
    const ended = await second.exit;
    expect(ended).toMatchObject({ code: 0 });
    expect(summaryOf(ended)).toMatchObject({ run: 1, counts: { exported: 5 } });
  });

  test('ends the attempt with 5 once --max-outage is over', async () => {
    const simulation = await startSimulation({ ...app, users: 5 });
    const server = await ownServer();
    await holdLock(server);
    const second = start(simulation, server.to, [...waits('10m'), '--max-outage', '1s']);
    await second.waitForLine(WAITS);
    server.kill();
    const ended = await second.exit;
    expect(ended).toMatchObject({ code: 5, stdout: '' });
    expect(ended.stderr).toMatch(/the database did not recover within /);
    await server.startAgain();
  });

  test('loses the session of the attempt alone, which then names the next holder', async () => {
    const simulation = await startSimulation({ ...app, users: 5 });
    const destination = await postgresDestination();
    const release = await holdLock(destination);
    const second = start(simulation, destination.to, waits('10m'));
    await second.waitForLine(WAITS);
    await queryIn(
      destination.to,
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where application_name like 'chat-export run, process ${second.pid} %'`,
    );
    await release();
    const other = await holdLock(destination);
    const [holder] = await queryIn(
      destination.to,
      `select l.pid from pg_locks l join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and l.granted and a.application_name like 'chat-export run, %'
         and a.datname = current_database()`,
    );
    await second.waitForLine(new RegExp(`server process ${holder?.pid}; this attempt waits up to `));
    await other();
    expect(await second.exit).toMatchObject({ code: 0 });
  });
});

test('a terminal shows the wait, and then the progress', async () => {
  const simulation = await startSimulation({ ...app, users: 5 });
  const destination = await postgresDestination();
  const release = await holdLock(destination);
  const { args, env } = runAgainst(simulation, destination.to, ...waits('20h'));
  const program = startInTerminal(args, { env, columns: 100 });
  const waiting = await program.until((lines) =>
    lines.some((line) => line.startsWith('waiting for the lock: ')),
  );
  expect(waiting.at(-1)).toMatch(
    /^waiting for the lock: \d+\.\d s of up to 20 h · chat-export run, process /,
  );
  await release();
  expect(await program.exit).toBe(0);
  expect(program.lines().join('\n')).not.toMatch(/waiting for the lock/);
});
