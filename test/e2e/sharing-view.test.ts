import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPlace } from '../../src/config/read-destination-ref.ts';
import { openArchive } from '../../src/destinations/open/open-archive.ts';
import type { SimulatorPatch } from '../../src/simulator/options/options.ts';
import { runHere } from '../support/command-line.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { hasPgBoss } from '../support/pg-boss.ts';
import { type Program, startProgram } from '../support/program.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';
import { readTextFormat } from '../support/text-format.ts';
import { PING_PATH, startWatcher } from '../support/watcher.ts';

const started = `GET ${PING_PATH}/start`;
const succeeded = `GET ${PING_PATH}`;
const failed = `GET ${PING_PATH}/fail`;

describe.skipIf(!hasPgBoss())('what is seen of a shared run (needs pg-boss: see CONTRIBUTING.md)', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  let schemas = 0;
  const newSchema = (): string => {
    schemas += 1;
    return `seen_${schemas}`;
  };

  type Start = { readonly more?: readonly string[]; readonly env?: Readonly<Record<string, string>> };
  const worker = (simulation: Simulation, schema: string, { more = [], env = {} }: Start = {}): Program => {
    const run = runAgainst(simulation, database.url, '--schema', schema, '--share', ...more);
    return startProgram(run.args, { env: { ...run.env, ...env } });
  };
  /** A run that goes slowly until the API answers at once: the test decides when it ends. */
  const held: SimulatorPatch = { latency: [3_000, 3_000] };
  const release = (simulation: Simulation): Promise<void> => simulation.change({ latency: [0, 0] });
  const small = ['--chunk-size', '4', '--rate', '150', '--concurrency', '6'];
  const slow = ['--chunk-size', '10', '--rate', '40', '--max-attempts', '2'];
  const committed = /chunk \d+ is committed/;

  /** A command that reads past runs. */
  const look = async (schema: string, ...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runHere([...args, '--schema', schema], {
      env: { CHAT_EXPORT_TO: database.url },
    });
    expect(code, stderr).toBe(0);
    return stdout;
  };

  /** The calls in the timelines of run 1. */
  const timelineCalls = async (schema: string): Promise<number> => {
    const place = await readPlace({
      flags: { schema },
      env: { CHAT_EXPORT_TO: database.url },
      file: undefined,
      cwd: process.cwd(),
    });
    await using archive = await openArchive(place);
    const run = await archive.find(1);
    const timelines = run === null ? [] : await archive.timelines(run);
    return timelines.flatMap(({ buckets }) => buckets).reduce((sum, { calls }) => sum + calls, 0);
  };

  test('the log, runs, show, the page and exit code 8 name the processes', async () => {
    const simulation = await startSimulation({
      users: 400,
      seed: 21,
      rate: 10_000,
      pageSize: 1_000,
      ...held,
    });
    const schema = newSchema();
    const page = join(await temporaryDirectory(), 'run.html');
    const first = worker(simulation, schema, { more: [...small, '--report', page] });
    await first.waitForLine(committed);
    const leaving = worker(simulation, schema, { more: small });
    await leaving.waitForLine(
      /run 1 of job default is joined: other processes pull it\. 400 users; [1-9]\d* are processed/,
    );
    const nameOf = ({ pid }: Program): string => `${hostname()} (${pid})`;
    const escaped = (text: string): string => text.replace(/[().]/g, '\\$&');
    await first.waitForLine(new RegExp(`worker 2, ${escaped(nameOf(leaving))}, has joined the run`));
    const killed = worker(simulation, schema, { more: small });
    await first.waitForLine(new RegExp(`worker 3, ${escaped(nameOf(killed))}, has joined the run`));

    expect(await look(schema, 'runs')).toMatch(/at work \(3 workers\)/);
    const [listed] = JSON.parse(await look(schema, 'runs', '--json')) as Record<string, unknown>[];
    expect(listed).toMatchObject({ state: 'at work', workers_at_work: 3 });
    const ordinary = runAgainst(simulation, database.url, '--schema', schema);
    const refused = await runHere(ordinary.args, { env: ordinary.env });
    expect(refused.code).toBe(8);
    expect(refused.stderr).toContain(': 3 processes: ');
    for (const { pid } of [first, leaving, killed]) expect(refused.stderr).toContain(`process ${pid} on `);
    const shown = await runHere(
      ['check', ...ordinary.args.slice(1, 7), '--schema', schema, '--share', '--json'],
      {
        env: ordinary.env,
      },
    );
    const { findings } = JSON.parse(shown.stdout) as { findings: Record<string, unknown>[] };
    expect(findings.find(({ subject }) => subject === 'lock')).toMatchObject({ state: 'pass' });
    expect(findings.find(({ subject }) => subject === 'run')?.message).toContain(
      'would join the processes at run 1',
    );

    await Promise.all([leaving, killed].map((one) => one.waitForLine(committed)));
    leaving.kill('SIGTERM');
    const left = await leaving.exit;
    expect(left.code).toBe(143);
    expect(left.stdout).toContain(
      'This process has left run 1 of job default; other processes were still at work on it then',
    );
    await first.waitForLine(new RegExp(`worker 2, ${escaped(nameOf(leaving))}, has left the run`));
    killed.kill('SIGKILL');
    await first.waitForLine(/worker 3, [^,]*, has been silent for 10 s; its .*chunks? (?:is|are) taken over/);
    await release(simulation);
    const end = await first.exit;
    expect(end.code, end.stderr).toBe(0);
    expect(end.stderr.match(/has been silent/g)).toHaveLength(1);
    expect(end.stderr).not.toContain('queue:');

    const text = await look(schema, 'show', 'last');
    expect(text).toMatch(/^Workers:\n *WORKER \| HOST .*\| CHUNKS \| USERS \| CALLS/m);
    expect(text).toContain('silent since ');
    const { workers, counts, users_done } = JSON.parse(await look(schema, 'show', 'last', '--json'));
    expect(workers.map(({ host }: { host: string }) => host)).toEqual([first, leaving, killed].map(nameOf));
    const sum = (key: string): number =>
      workers.reduce((all: number, one: Record<string, number>) => all + Number(one[key]), 0);
    expect(sum('users_done')).toBe(users_done);
    expect(sum('calls')).toBe(counts.calls);
    expect(workers[0]).toMatchObject({
      attempt: 1,
      worker: 1,
      is_at_work: false,
      left_at: expect.any(String),
    });
    expect(workers[2]).toMatchObject({ worker: 3, left_at: null });

    const html = await readFile(page, 'utf8');
    for (const one of [first, leaving, killed]) expect(html).toContain(nameOf(one));
    // One timeline of the whole run.
    expect(html).not.toContain('in 3 attempts');
    expect(await look(schema, 'report', 'last')).not.toContain('in 3 attempts');
  });

  test('one process pings, and each writes metrics of the whole run', async () => {
    const simulation = await startSimulation({ users: 300, seed: 22, rate: 10_000, pageSize: 1_000 });
    const watcher = await startWatcher();
    const schema = newSchema();
    const place = await temporaryDirectory();
    const workers = [1, 2, 3].map((i) =>
      worker(simulation, schema, {
        more: [...slow, '--metrics-file', join(place, `${i}.prom`), '--report', join(place, `${i}.html`)],
        env: { CHAT_EXPORT_PING: watcher.url },
      }),
    );
    for (const { code, stderr } of await Promise.all(workers.map(({ exit }) => exit)))
      expect(code, stderr).toBe(0);
    expect(watcher.asked).toEqual([started, succeeded]);
    for (const i of [1, 2, 3]) {
      const samples = readTextFormat(await readFile(join(place, `${i}.prom`), 'utf8'));
      const value = (name: string) => samples.find((sample) => sample.name === `chat_export_${name}`)?.value;
      expect(value('last_exit_code')).toBe(0);
      expect(value('run_in_progress')).toBe(0);
      expect(value('last_success_timestamp_seconds')).toBeGreaterThan(0);
      expect(value('run_workers')).toBeGreaterThan(0);
      expect(await readFile(join(place, `${i}.html`), 'utf8')).toContain(
        'is finished: everything was exported',
      );
    }
  });

  test('a process that leaves pings nothing; when all leave, the last one pings failure', async () => {
    const simulation = await startSimulation({ users: 400, seed: 23, rate: 10_000, pageSize: 1_000 });
    const watcher = await startWatcher();
    const schema = newSchema();
    const place = await temporaryDirectory();
    const [first, second, third] = [1, 2, 3].map((i) =>
      worker(simulation, schema, {
        more: [...slow, '--report', join(place, `${i}.html`)],
        env: { CHAT_EXPORT_PING: watcher.url },
      }),
    );
    if (first === undefined || second === undefined || third === undefined) throw new Error('three');
    await Promise.all([first, second, third].map((one) => one.waitForLine(committed)));
    first.kill('SIGTERM');
    expect((await first.exit).code).toBe(143);
    expect(watcher.asked).toEqual([started]);
    second.kill('SIGTERM');
    third.kill('SIGTERM');
    for (const { exit } of [second, third]) expect((await exit).code).toBe(143);
    expect(watcher.asked).toEqual([started, failed]);
    await expect(readFile(join(place, '1.html'))).rejects.toThrow('ENOENT');
  });

  test('the timeline of a run holds the calls of all its processes, to the last one', async () => {
    const simulation = await startSimulation({ users: 300, seed: 29, rate: 10_000, pageSize: 1_000 });
    const schema = newSchema();
    const place = await temporaryDirectory();
    const workers = [1, 2, 3].map((i) =>
      worker(simulation, schema, { more: [...slow, '--report', join(place, `${i}.html`)] }),
    );
    for (const { code, stderr } of await Promise.all(workers.map(({ exit }) => exit)))
      expect(code, stderr).toBe(0);
    const { calls } = await simulation.report();
    expect(await timelineCalls(schema)).toBe(calls);
    for (const i of [1, 2, 3])
      expect(await readFile(join(place, `${i}.html`), 'utf8')).toContain(`: ${calls} calls were sent`);
  });

  test('of a run that a guard ends, the timeline holds the calls of all, and the process that met it pings failure', async () => {
    const failing = Array.from({ length: 5 }, (_, i) => `user00000${50 + i}`);
    const simulation = await startSimulation({
      users: 300,
      seed: 24,
      rate: 10_000,
      script: failing.map((user) => ({ fault: '50002' as const, user, times: 1_000_000 })),
    });
    const watcher = await startWatcher();
    const schema = newSchema();
    const workers = [1, 2, 3].map(() =>
      worker(simulation, schema, {
        more: [...slow, '--max-failed-users', '3'],
        env: { CHAT_EXPORT_PING: watcher.url },
      }),
    );
    for (const { code, stderr } of await Promise.all(workers.map(({ exit }) => exit)))
      expect(code, stderr).toBe(6);
    expect(watcher.asked).toEqual([started, failed]);
    const { calls } = await simulation.report();
    expect(await timelineCalls(schema)).toBe(calls);
  });

  test('--limit shortens the plan for all, and --json says where the run ended', async () => {
    const simulation = await startSimulation({ users: 300, seed: 25, rate: 10_000, pageSize: 1_000 });
    const schema = newSchema();
    const workers = [1, 2].map(() =>
      worker(simulation, schema, { more: [...slow, '--limit', '60', '--json'] }),
    );
    const ends = await Promise.all(workers.map(({ exit }) => exit));
    const results = ends.map(({ code, stdout, stderr }) => {
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as Record<string, unknown>;
    });
    for (const result of results)
      expect(result).toMatchObject({ outcome: 'finished', users: 60, users_beyond_limit: 240 });
    expect(results.map(({ elsewhere = 'here' }) => elsewhere).sort()).toEqual(['ended', 'here']);
  });

  test('several processes retry failed users together; another list meanwhile is refused', async () => {
    const users = Array.from({ length: 60 }, (_, i) => `user00000${10 + (i % 60)}`);
    const simulation = await startSimulation({
      users: 100,
      seed: 26,
      rate: 10_000,
      script: users.map((user) => ({ fault: '50002' as const, user, times: 1_000_000 })),
    });
    const schema = newSchema();
    const tolerant = ['--chunk-size', '5', '--max-attempts', '2'];
    expect((await worker(simulation, schema, { more: [...tolerant, '--rate', '1000'] }).exit).code).toBe(3);
    await simulation.change({ script: [] });
    await simulation.change(held);
    const retry = (): Program => {
      const { args, env } = runAgainst(simulation, database.url, '--schema', schema, '--share', ...tolerant);
      const withoutList = args.filter((flag) => flag !== '--users' && flag !== simulation.users);
      return startProgram([...withoutList, '--rate', '150', '--concurrency', '2', '--retry-failed', 'last'], {
        env,
      });
    };
    const first = retry();
    await first.waitForLine(committed);
    const second = retry();
    await second.waitForLine(/run 2 of job default is joined/);
    const other = await worker(simulation, schema, { more: tolerant }).exit;
    expect(other.code).toBe(2);
    expect(other.stderr).toContain(
      'run 2, which other processes pull now, is of the failed users of run 1, and this command asks for a whole list',
    );
    await release(simulation);
    for (const { exit } of [first, second]) {
      const { code, stderr } = await exit;
      expect(code, stderr).toBe(0);
      expect(stderr).not.toContain('worker 3');
    }
    const { workers } = JSON.parse(await look(schema, 'show', 'last', '--json'));
    expect(workers).toHaveLength(2);
  });

  test('--fresh ends the run of the others, and says so', async () => {
    const simulation = await startSimulation({
      users: 200,
      seed: 27,
      rate: 10_000,
      pageSize: 1_000,
      ...held,
    });
    const schema = newSchema();
    const old = worker(simulation, schema, { more: small });
    await old.waitForLine(committed);
    const fresh = worker(simulation, schema, { more: [...small, '--fresh'] });
    await fresh.waitForLine(/--fresh ends run 1 for the processes that pull it now/);
    await release(simulation);
    const end = await fresh.exit;
    expect(end.code, end.stderr).toBe(0);
    expect(end.stdout).toMatch(/Run 2 /);
    const ended = await old.exit;
    expect(ended.code, ended.stderr).toBe(8);
    expect(ended.stderr).toContain(
      'run 1 no longer belongs to this process: it was closed as abandoned by an attempt that starts a new run, such as one with --fresh; ' +
        'nothing more was committed; the same command without --fresh continues with the new run',
    );
  });
});
