import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportedUsers, rowTables } from '../../src/rows/tables.ts';
import { runHere } from '../support/command-line.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { hasPgBoss } from '../support/pg-boss.ts';
import { type Program, startProgram } from '../support/program.ts';
import { csvRows, postgresRows } from '../support/rows.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

describe.skipIf(!hasPgBoss())('a shared run (needs pg-boss: see CONTRIBUTING.md)', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  let schemas = 0;
  const newSchema = (): string => {
    schemas += 1;
    return `shared_${schemas}`;
  };

  const worker = (simulation: Simulation, schema: string, ...more: readonly string[]): Program => {
    const { args, env } = runAgainst(simulation, database.url, '--schema', schema, '--share', ...more);
    return startProgram(args, { env });
  };

  async function query(text: string): Promise<readonly object[]> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    return (await client.query(text).finally(() => client.end())).rows;
  }

  async function expectAllRows(simulation: Simulation, schema: string): Promise<void> {
    for (const table of rowTables) {
      expect(await postgresRows(database.url, table, { schema })).toEqual(
        await csvRows(simulation.expectedDir, table),
      );
    }
  }

  test('three processes pull a run together, and all end with its exit code', async () => {
    const simulation = await startSimulation({
      users: 300,
      seed: 7,
      rate: 10_000,
      faults: { '50004': 0.05 },
    });
    const schema = newSchema();
    const workers = [1, 2, 3].map(() => worker(simulation, schema, '--chunk-size', '10', '--rate', '100'));
    const ends = await Promise.all(workers.map(({ exit }) => exit));
    for (const { code, stderr } of ends) expect(code, stderr).toBe(0);
    await expectAllRows(simulation, schema);
    // One rate for all, though a busy machine sees calls late, and so closer together.
    expect((await simulation.report()).fullestSecond).toBeLessThan(150);
  });

  /** Users who fail at first, and so come in the second pass. */
  const failingAtFirst = ['user0000005', 'user0000155'].map((user) => ({
    fault: '50004' as const,
    user,
    times: 3,
  }));
  const slow = ['--chunk-size', '10', '--rate', '40', '--max-attempts', '2'];

  test('a killed process and a frozen one are replaced by the others, and the frozen one commits nothing when it wakes', async () => {
    const simulation = await startSimulation({
      users: 300,
      seed: 8,
      rate: 10_000,
      script: failingAtFirst,
    });
    const schema = newSchema();
    const [killed, frozen, other] = [1, 2, 3].map(() => worker(simulation, schema, ...slow));
    if (killed === undefined || frozen === undefined || other === undefined) throw new Error('three');
    await Promise.all([killed, frozen, other].map((one) => one.waitForLine(/chunk \d+ is committed/)));
    killed.kill('SIGKILL');
    frozen.kill('SIGSTOP');
    const end = await other.exit;
    expect(end.code, end.stderr).toBe(0);
    await expectAllRows(simulation, schema);
    frozen.kill('SIGCONT');
    const late = await frozen.exit;
    expect(late.code, late.stderr).toBe(0);
    expect(late.stderr).toMatch(
      /this process gave no sign of life for \d\d s; its chunks may have gone to others/,
    );
    await expectAllRows(simulation, schema);
  });

  test('a process that is asked to stop leaves with 143, and the others do the rest without a call more', async () => {
    const simulation = await startSimulation({ users: 200, seed: 9, rate: 10_000, pageSize: 1_000 });
    const schema = newSchema();
    const [leaving, staying] = [1, 2].map(() => worker(simulation, schema, ...slow));
    if (leaving === undefined || staying === undefined) throw new Error('two');
    await Promise.all([leaving, staying].map((one) => one.waitForLine(/chunk \d+ is committed/)));
    leaving.kill('SIGTERM');
    expect((await leaving.exit).code).toBe(143);
    const end = await staying.exit;
    expect(end.code, end.stderr).toBe(0);
    await expectAllRows(simulation, schema);
    const { calls } = await simulation.report();
    const alone = await startSimulation({ users: 200, seed: 9, rate: 10_000, pageSize: 1_000 });
    await worker(alone, newSchema(), '--chunk-size', '10').exit;
    expect(calls).toBe((await alone.report()).calls);
  });

  test('when all processes were killed, new ones resume the run', async () => {
    const simulation = await startSimulation({ users: 300, seed: 8, rate: 10_000, script: failingAtFirst });
    const schema = newSchema();
    const first = [1, 2, 3].map(() => worker(simulation, schema, ...slow));
    await Promise.all(first.map((one) => one.waitForLine(/chunk \d+ is committed/)));
    for (const one of first) one.kill('SIGKILL');
    await Promise.all(first.map(({ exit }) => exit));
    const second = [1, 2, 3].map(() => worker(simulation, schema, ...slow));
    for (const { code, stderr, stdout } of await Promise.all(second.map(({ exit }) => exit))) {
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/Run 1 /);
    }
    await expectAllRows(simulation, schema);
  });

  test('an ordinary run meanwhile ends with 8', async () => {
    const simulation = await startSimulation({ users: 200, seed: 11, rate: 10_000 });
    const schema = newSchema();
    const shared = worker(simulation, schema, ...slow);
    await shared.waitForLine(/chunk \d+ is committed/);
    const { args, env } = runAgainst(simulation, database.url, '--schema', schema);
    const ordinary = await startProgram(args, { env }).exit;
    expect(ordinary.code).toBe(8);
    expect(ordinary.stderr).toMatch(/another run of app \d+ is at work in schema/);
    expect((await shared.exit).code).toBe(0);
  });

  test('beside an ordinary run it ends with 8, check says so before, and both say that the run is not shared', async () => {
    const simulation = await startSimulation({ users: 2_000, seed: 11, rate: 10_000 });
    const schema = newSchema();
    const { args, env } = runAgainst(simulation, database.url, '--schema', schema);
    const migrated = await runHere(['migrate', 'up', '--share', '--schema', schema, '--to', database.url]);
    expect(migrated.code, migrated.stderr).toBe(0);
    const ordinary = startProgram([...args, ...slow], { env });
    await ordinary.waitForLine(/chunk \d+ is committed/);
    const shared = await worker(simulation, schema).exit;
    expect(shared.code).toBe(8);
    expect(shared.stderr).toMatch(
      /another run of app \d+ is at work [^\n]*; it was started without --share, so no other process can join it; wait until it ends/,
    );
    const flags = args.slice(1).filter((flag) => flag !== '--log-level' && flag !== 'debug');
    const { stdout } = await runHere(['check', ...flags, '--share', '--json'], { env });
    const { findings } = JSON.parse(stdout) as { findings: Record<string, unknown>[] };
    expect(findings.find(({ subject }) => subject === 'run')).toMatchObject({
      state: 'fail',
      exit_code: 8,
      message: 'an attempt now would be refused: a run that was started without --share is at work',
    });
    ordinary.kill('SIGTERM');
    expect((await ordinary.exit).code).toBe(143);
  });

  test('another job of the app that is shared, too, ends with 8 meanwhile', async () => {
    const simulation = await startSimulation({ users: 200, seed: 11, rate: 10_000 });
    const schema = newSchema();
    const shared = worker(simulation, schema, ...slow, '--name', 'nightly');
    await shared.waitForLine(/chunk \d+ is committed/);
    const other = await worker(simulation, schema, '--name', 'weekly').exit;
    expect(other.code).toBe(8);
    expect(other.stderr).toMatch(/job nightly of app \d+ is at work in schema/);
    expect((await shared.exit).code).toBe(0);
  });

  test('--max-duration ends a run for all of its processes at the same time, whenever they came', async () => {
    const simulation = await startSimulation({ users: 2_000, seed: 11, rate: 10_000 });
    const schema = newSchema();
    const limited = ['--max-duration', '20s', '--chunk-size', '7', '--rate', '60'];
    const first = worker(simulation, schema, ...limited);
    // After some six seconds.
    await first.waitForLine(/chunk 2\d is committed/);
    const second = worker(simulation, schema, ...limited);
    // One that came after the end would be the last, too.
    await second.waitForLine(/chunk \d+ is committed/);
    const ends = await Promise.all([first.exit, second.exit]);
    for (const { code, stderr } of ends) expect(code, stderr).toBe(7);
    expect(ends[1]?.stderr).toMatch(/--max-duration/);
    const stopped = ends.filter(({ stdout }) => /^Run 1 of job default was stopped on time; /.test(stdout));
    const left = ends.filter(({ stdout }) =>
      stdout.startsWith(
        'This process has left run 1 of job default on time; the same command joins or resumes it\n',
      ),
    );
    const late = await query(
      `select worker from ${schema}.run_attempts join ${schema}.runs using (run_id) where left_at > deadline + interval '4 s'`,
    );
    expect(late).toEqual([]);
    // Who leaves last knows everything that was committed.
    expect([stopped.length, left.length]).toEqual([1, 1]);
    const exported = await postgresRows(database.url, exportedUsers, { schema });
    expect(stopped[0]?.stdout).toMatch(new RegExp(`^ +exported +${exported.length}\\n`, 'm'));
  });

  test('a process that comes long after --max-duration resumes the run, though a frozen one has not left it', async () => {
    const simulation = await startSimulation({ users: 100, seed: 11, rate: 10_000, pageSize: 1_000 });
    const schema = newSchema();
    const limited = ['--max-duration', '1h', ...slow];
    const [frozen, killed] = [1, 2].map(() => worker(simulation, schema, ...limited));
    if (frozen === undefined || killed === undefined) throw new Error('two');
    await Promise.all([frozen, killed].map((one) => one.waitForLine(/chunk \d+ is committed/)));
    frozen.kill('SIGSTOP');
    killed.kill('SIGKILL');
    await killed.exit;
    await query(`update ${schema}.runs set deadline = now() - interval '31 s'`);
    const { code, stderr, stdout } = await worker(simulation, schema, ...limited).exit;
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/Run 1 /);
    await expectAllRows(simulation, schema);
    frozen.kill('SIGCONT');
    expect([0, 8]).toContain((await frozen.exit).code);
    await expectAllRows(simulation, schema);
  });

  test('with a wrong key, three processes make as many calls as one, and all end with 4', async () => {
    const simulation = await startSimulation({
      users: 100,
      seed: 12,
      rate: 10_000,
      secretKey: 'another-key',
    });
    const schema = newSchema();
    const workers = [1, 2, 3].map(() => worker(simulation, schema));
    for (const { code, stderr } of await Promise.all(workers.map(({ exit }) => exit)))
      expect(code, stderr).toBe(4);
    const { calls } = await simulation.report();
    const alone = await startSimulation({ users: 100, seed: 12, rate: 10_000, secretKey: 'another-key' });
    await worker(alone, newSchema()).exit;
    expect(calls).toBe((await alone.report()).calls);
  });

  test('a guard that trips in one process ends the run for all with 6', async () => {
    const failing = Array.from({ length: 5 }, (_, i) => `user00000${50 + i}`);
    const simulation = await startSimulation({
      users: 300,
      seed: 13,
      rate: 10_000,
      script: failing.map((user) => ({ fault: '50002' as const, user, times: 1_000_000 })),
    });
    const schema = newSchema();
    const workers = [1, 2, 3].map(() => worker(simulation, schema, ...slow, '--max-failed-users', '3'));
    const ends = await Promise.all(workers.map(({ exit }) => exit));
    for (const { code, stderr } of ends) expect(code, stderr).toBe(6);
  });
});
