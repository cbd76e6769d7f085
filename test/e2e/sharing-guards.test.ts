import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { hasPgBoss } from '../support/pg-boss.ts';
import { type Program, startProgram } from '../support/program.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

describe.skipIf(!hasPgBoss())('the guards of a shared run (needs pg-boss: see CONTRIBUTING.md)', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  const start = (simulation: Simulation, schema: string, ...more: readonly string[]): Program => {
    const { args, env } = runAgainst(simulation, database.url, '--schema', schema, ...more);
    return startProgram(args, { env });
  };
  const exportedUsers = async (schema: string): Promise<number> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query(`select count(*)::int as users from "${schema}".exported_users`);
    await client.end();
    return rows[0]?.users;
  };
  const share = ['--share', '--rate', '40'];

  test('count the failed users of all processes', async () => {
    // They are far apart, so each process meets some of them.
    const failing = Array.from({ length: 24 }, (_, i) => `user${String(5 + 12 * i).padStart(7, '0')}`);
    const simulation = await startSimulation({
      users: 300,
      seed: 31,
      rate: 10_000,
      script: failing.map((user) => ({ fault: '50002' as const, user, times: 1_000_000 })),
    });
    const most = ['--chunk-size', '10', '--max-attempts', '2', '--max-failed-users', '10'];
    const workers = [1, 2, 3].map(() => start(simulation, 'failing', ...share, ...most));
    const ends = await Promise.all(workers.map(({ exit }) => exit));
    for (const { code, stderr } of ends) expect(code, stderr).toBe(6);
  });

  test('judge the last user of the plan together with those whom other processes pull', async () => {
    const before = await startSimulation({ users: 161, seed: 32, rate: 10_000, pageSize: 1_000 });
    expect((await start(before, 'last', '--rate', '1000').exit).code).toBe(0);
    // The last user has left the app.
    const after = {
      ...(await startSimulation({
        users: 160,
        seed: 32,
        rate: 10_000,
        pageSize: 1_000,
        latency: [200, 400],
      })),
      users: before.users,
    };
    // More chunks than two processes open at the same time: the third one has the last.
    const small = ['--chunk-size', '10', '--rate', '20', '--not-in-app', 'remove'];
    const workers = [1, 2, 3].map(() => start(after, 'last', '--share', ...small));
    const ends = await Promise.all(workers.map(({ exit }) => exit));
    for (const { code, stderr } of ends) expect(code, stderr).toBe(0);
    expect(await exportedUsers('last')).toBe(160);
  });

  test('refuse a process that would prune the users of another job', async () => {
    const simulation = await startSimulation({ users: 400, seed: 33, rate: 10_000, pageSize: 1_000 });
    const named = (name: string): string[] => ['--name', name, '--chunk-size', '5'];
    expect((await start(simulation, 'pruned', ...named('vip'), '--limit', '3').exit).code).toBe(0);
    const planner = start(simulation, 'pruned', ...share, ...named('nightly'));
    await planner.waitForLine(/chunk \d+ is committed/);
    const joiner = await start(simulation, 'pruned', ...share, ...named('nightly'), '--prune').exit;
    expect(joiner.code, joiner.stderr).toBe(2);
    expect(joiner.stderr).toContain('--prune: the job "vip" has exported this app');
    expect((await planner.exit).code).toBe(0);
  });

  test('refuse a process that would write other rows than those at work', async () => {
    const simulation = await startSimulation({ users: 400, seed: 35, rate: 10_000, pageSize: 1_000 });
    const planner = start(simulation, 'alike', ...share, '--chunk-size', '5');
    await planner.waitForLine(/chunk \d+ is committed/);
    const joiner = await start(simulation, 'alike', ...share, '--drop-free-text').exit;
    expect(joiner.code, joiner.stderr).toBe(2);
    expect(joiner.stderr).toContain(
      'run 1, which other processes pull now, cannot be joined: it kept free text (--drop-free-text), and would no longer; ' +
        'give the job and options that they have, or wait until it ends',
    );
    expect((await planner.exit).code).toBe(0);
  });

  test('let one process with a wrong key end alone, once the API has accepted a call of another', async () => {
    const simulation = await startSimulation({ users: 400, seed: 34, rate: 10_000, pageSize: 1_000 });
    const planner = start(simulation, 'keys', ...share, '--chunk-size', '5');
    await planner.waitForLine(/chunk \d+ is committed/);
    const { args, env } = runAgainst(simulation, database.url, '--schema', 'keys', ...share);
    const wrong = startProgram(args, { env: { ...env, CHAT_EXPORT_SECRET_KEY: 'another-key' } });
    expect((await wrong.exit).code).toBe(4);
    const end = await planner.exit;
    expect(end.code, end.stderr).toBe(0);
  });
});
