import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { type ApiLine, apiLinesTo } from '../support/api-lines.ts';
import { differences, postgresDestination, type TestDestination } from '../support/destinations.ts';
import { lineToDatabase } from '../support/line.ts';
import { ownServer } from '../support/own-server.ts';
import { hasPgBoss } from '../support/pg-boss.ts';
import { noPooler, startPooler } from '../support/pooler.ts';
import { type Program, startProgram } from '../support/program.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';
import { importing, untilFrozen } from './scene.ts';

const COMMITTED = /chunk \d+ is committed/;

describe.skipIf(!hasPgBoss())('a shared run (needs pg-boss: see CONTRIBUTING.md)', () => {
  type Night = { readonly simulation: Simulation; readonly destination: TestDestination };

  const night = async (
    destination?: TestDestination,
    users = 200,
    more: { readonly pageSize?: number } = {},
  ): Promise<Night> => ({
    simulation: await startSimulation({ users, seed: 61, rate: 10_000, changed: 0.5, ...more }),
    destination: destination ?? (await postgresDestination()),
  });

  type How = {
    readonly to?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly rate?: number;
  };

  const worker = ({ simulation, destination }: Night, { to, env: more, rate = 40 }: How = {}): Program => {
    const options = ['--share', '--chunk-size', '10', '--rate', String(rate), '--max-attempts', '2'];
    const { args, env } = runAgainst(simulation, to ?? destination.to, ...options);
    return startProgram(args, { env: { ...env, ...more } });
  };

  const signalAt = (step: string, signal: 'SIGSTOP' | 'SIGKILL'): How => ({
    env: { ...importing('../crash/signal-at-step.js'), AT_STEP: step, SIGNAL: signal },
  });

  const three = async (night: Night, how?: How): Promise<[Program, Program, Program]> => {
    const workers: [Program, Program, Program] = [worker(night, how), worker(night, how), worker(night, how)];
    await Promise.all(workers.map((one) => one.waitForLine(COMMITTED)));
    return workers;
  };

  async function expectEnds(code: number, ...workers: readonly Program[]): Promise<void> {
    for (const { exit } of workers) {
      const end = await exit;
      expect(end.code, end.stderr).toBe(code);
    }
  }

  async function expectRows({ simulation, destination }: Night, day = 1): Promise<void> {
    const expected = day === 1 ? simulation.expectedDir : await simulation.expectedDirOnDay(day);
    expect(await differences(expected, destination)).toEqual({});
  }

  async function query({ destination }: Night, text: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: destination.to });
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  test('a worker that sleeps through the end, and wakes in the next night, takes no chunk of it away', async () => {
    const tonight = await night();
    const [sleeper, other] = [worker(tonight), worker(tonight)];
    await Promise.all([sleeper, other].map((one) => one.waitForLine(COMMITTED)));
    sleeper.kill('SIGSTOP');
    await expectEnds(0, other);
    await tonight.simulation.change({ day: 2 });
    const next = worker(tonight);
    await next.waitForLine(COMMITTED);
    sleeper.kill('SIGCONT');
    await expectEnds(0, sleeper, next);
    await expectRows(tonight, 2);
  });

  test('chunks whose jobs are gone are queued again', async () => {
    // More chunks than three processes claim at the same time.
    const tonight = await night(undefined, 500, { pageSize: 1_000 });
    const workers = await three(tonight, { rate: 60 });
    const gone = await query(tonight, "delete from chat_export_jobs.job where state < 'active'");
    expect(gone.rowCount).toBeGreaterThan(0);
    await expectEnds(0, ...workers);
    await expectRows(tonight);
  });

  test.each(['plan-written', 'start-counted'])(
    'a process that freezes at %s keeps no one waiting for long, and wakes to no harm',
    async (step) => {
      const tonight = await night();
      const frozen = worker(tonight, signalAt(step, 'SIGSTOP'));
      await untilFrozen(frozen);
      const others = [worker(tonight), worker(tonight)];
      await expectEnds(0, ...others);
      await expectRows(tonight);
      frozen.kill('SIGCONT');
      const { code, stderr } = await frozen.exit;
      expect([0, 8], stderr).toContain(code);
      await expectRows(tonight);
      const { rows } = await query(tonight, 'select run_id, status from chat_export.runs');
      expect(rows.map(({ status }) => status)).toEqual(['finished']);
    },
  );

  test.each(['chunk-begun#2', 'chunk-ledger-written#2', 'finish-written', 'finished'])(
    'a worker that freezes at %s holds the others up for seconds, and all end with 0',
    async (step) => {
      const tonight = await night();
      const frozen = worker(tonight, signalAt(step, 'SIGSTOP'));
      await frozen.waitForLine(/run 1 of job default starts/);
      const others = [worker(tonight), worker(tonight)];
      const waking = setInterval(() => {
        void Promise.all(others.map(({ exit }) => exit)).then(() => frozen.kill('SIGCONT'));
      }, 1_000);
      await expectEnds(0, ...others, frozen);
      clearInterval(waking);
      await expectRows(tonight);
    },
  );

  test('a process that alone is cut off from the API leaves its chunks to the others, and ends with them', async () => {
    const { simulation, destination } = await night();
    const api = await apiLinesTo(simulation);
    const [cutOff, whole] = [await api.line(), await api.line()];
    const over = ({ proxy }: ApiLine): Program => {
      const options = ['--share', '--chunk-size', '10', '--rate', '10', '--ca-file', api.caFile];
      const { args, env } = runAgainst(api.simulation, destination.to, ...options);
      return startProgram(args, { env: { ...env, HTTPS_PROXY: proxy.url } });
    };
    const workers = [over(cutOff), over(whole)] as const;
    await Promise.all(workers.map((one) => one.waitForLine(COMMITTED)));
    cutOff.cut();
    await workers[0].waitForLine(
      /other processes reach the API, and this one does not: it leaves its chunks to them/,
    );
    await expectEnds(0, ...workers);
    await expectRows({ simulation, destination });
  });

  test('SIGTERM ends a process that waits for another one to plan', async () => {
    const tonight = await night();
    const planner = worker(tonight, signalAt('plan-written', 'SIGSTOP'));
    await untilFrozen(planner);
    const waiting = worker(tonight);
    const asks = `select from pg_stat_activity where application_name like 'chat-export planner, process ${waiting.pid} on %'`;
    await expect.poll(async () => (await query(tonight, asks)).rowCount).toBe(1);
    waiting.kill('SIGTERM');
    await expectEnds(143, waiting);
  });

  test('a server that is killed and started again under three workers does not end the run', async () => {
    const server = await ownServer();
    const tonight = await night(server, 300);
    const workers = await three(tonight);
    server.kill();
    await sleep(1_000);
    await server.startAgain();
    // A newcomer joins them, though none has taken its lock again yet.
    const newcomer = worker(tonight);
    await expectEnds(0, ...workers, newcomer);
    await expectRows(tonight);
    const { rows } = await query(tonight, 'select attempts from chat_export.runs where run_id = 1');
    expect(rows).toEqual([{ attempts: 1 }]);
    for (const { exit } of workers) expect((await exit).stderr).not.toMatch(/queue: /);
  });

  test('a server that is unavailable for longer than heartbeats last costs no call twice', async () => {
    // One call for each user.
    const pages = { pageSize: 1_000 };
    const server = await ownServer();
    const tonight = await night(server, 200, pages);
    const workers = await three(tonight, { rate: 20 });
    server.kill();
    await sleep(14_000);
    await server.startAgain();
    await expectEnds(0, ...workers);
    await expectRows(tonight);
    const alone = await night(undefined, 200, pages);
    await expectEnds(0, worker(alone, { rate: 1_000 }));
    expect((await tonight.simulation.report()).calls).toBe((await alone.simulation.report()).calls);
  });

  test.each(['cut', 'mute'] as const)(
    'a worker whose line to the database is %s for a while commits nothing twice, and ends with the others',
    async (how) => {
      const tonight = await night(undefined, 400);
      const line = await lineToDatabase(tonight.destination.to);
      const cutOff = worker(tonight, { to: line.url });
      const other = worker(tonight);
      await Promise.all([cutOff, other].map((one) => one.waitForLine(COMMITTED)));
      line[how]();
      await sleep(12_000);
      line.mend();
      await expectEnds(0, cutOff, other);
      await expectRows(tonight);
    },
  );

  test.skipIf(noPooler)('a pool in session mode serves shared runs', async () => {
    const tonight = await night();
    const to = await startPooler(tonight.destination.to, { pool_mode: 'session', default_pool_size: 40 });
    const workers = await three(tonight, { to });
    workers[0].kill('SIGKILL');
    await expectEnds(0, workers[1], workers[2]);
    await expectRows(tonight);
  });
});
