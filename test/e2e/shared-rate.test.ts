import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { type QuotaJudge, startQuotaJudge } from '../support/packets/quota-judge.ts';
import { prepareQuota, startWorker, type Worker } from '../support/shared-quota/workers.ts';
import { type Simulation, startSimulation } from '../support/simulation.ts';
import { whenOver } from '../support/when-over.ts';

const RATE = 200;
const USERS = 600;
const SCHEMA = 'shared';

/** By the kernel's time stamps the default has to do. The simulator's stamps are late by what a loaded machine makes of them. */
const marginFor = ({ judge }: QuotaJudge): number => (judge === 'kernel' ? 14 : 60);

/** Three processes that share a quota, and never run out of calls. */
class Cohort {
  readonly workers: Worker[] = [];
  readonly #database: string;
  readonly #simulation: Simulation;
  readonly #margin: number;

  private constructor(database: string, simulation: Simulation, margin: number) {
    this.#database = database;
    this.#simulation = simulation;
    this.#margin = margin;
    for (let n = 0; n < 3; n += 1) this.add();
  }

  static async start(simulation: Simulation, margin: number): Promise<Cohort> {
    const { url, drop } = await createDatabase();
    whenOver(drop);
    await prepareQuota(url, SCHEMA);
    return new Cohort(url, simulation, margin);
  }

  add(): void {
    const worker = startWorker({
      database: this.#database,
      schema: SCHEMA,
      endpoint: this.#simulation.url,
      users: USERS,
      rate: RATE,
      margin: this.#margin,
      concurrency: 24,
    });
    whenOver(async () => await worker[Symbol.asyncDispose]());
    this.workers.push(worker);
  }

  async query(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.#database });
    await client.connect();
    await client.query(sql);
    await client.end();
  }

  /** Waits until so many more calls were made. */
  async untilCalls(more: number): Promise<void> {
    const { calls } = await this.#simulation.report();
    await expect
      .poll(async () => (await this.#simulation.report()).calls, { timeout: 60_000, interval: 100 })
      .toBeGreaterThanOrEqual(calls + more);
  }

  /** Ends the calls; those under way get their answers. */
  async stop(): Promise<void> {
    for (const worker of this.workers) await worker[Symbol.asyncDispose]();
  }
}

const simulationOf = (options: Parameters<typeof startSimulation>[0] = {}): Promise<Simulation> =>
  startSimulation({ users: USERS, seed: 41, rate: RATE, latency: [20, 100], ...options }, { apart: true });

describe('three processes with one quota', () => {
  test('send no more calls than it allows in any second, and use it', async () => {
    const simulation = await simulationOf();
    await using judge = await startQuotaJudge(simulation);
    const cohort = await Cohort.start(simulation, marginFor(judge));
    await cohort.untilCalls(12 * RATE);
    await cohort.stop();
    const verdict = await judge.verdict();
    expect(verdict.fullestSecond).toBeLessThanOrEqual(RATE);
    expect(verdict.overQuota).toBe(0);
    // The first seconds are begun below the rate. A busy machine loses slots; the bench measures how many a quiet one loses.
    const seconds = verdict.callsBySecond.slice(3, -1);
    const used = seconds.reduce((sum, calls) => sum + calls, 0) / (seconds.length * RATE);
    if (judge.judge === 'kernel') expect(used).toBeGreaterThan(0.8);
  });

  test('keep to it while the row is lost, the clock is set back, and a process is killed, frozen and replaced', async () => {
    const simulation = await simulationOf();
    await using judge = await startQuotaJudge(simulation);
    const cohort = await Cohort.start(simulation, marginFor(judge));
    await cohort.untilCalls(3 * RATE);
    await cohort.query(`delete from ${SCHEMA}.call_quota`);
    await cohort.untilCalls(2 * RATE);
    await cohort.query(`truncate ${SCHEMA}.call_quota`);
    await cohort.untilCalls(2 * RATE);
    // As a clock does that is an hour behind from now on.
    await cohort.query(
      `update ${SCHEMA}.call_quota set next_slot_at = next_slot_at + interval '1 hour',
         leased_at = leased_at + interval '1 hour', throttled_at = throttled_at + interval '1 hour'`,
    );
    await cohort.untilCalls(2 * RATE);
    const [killed, frozen] = cohort.workers;
    killed?.signal('SIGKILL');
    cohort.add();
    await cohort.untilCalls(2 * RATE);
    frozen?.signal('SIGSTOP');
    await cohort.untilCalls(2 * RATE);
    frozen?.signal('SIGCONT');
    await cohort.untilCalls(2 * RATE);
    await cohort.stop();
    const verdict = await judge.verdict();
    expect(verdict.fullestSecond).toBeLessThanOrEqual(RATE);
    expect(verdict.overQuota).toBe(0);
  });

  test('all slow down within a second of rate-limit errors that one of them gets', async () => {
    const burst: [number, number] = [2_000, 2_008];
    const simulation = await simulationOf({
      rate: 10 * RATE,
      script: [{ fault: '60007', calls: burst }],
    });
    const cohort = await Cohort.start(simulation, 14);
    const states = () => Promise.all(cohort.workers.map((worker) => worker.state()));
    await expect
      .poll(async () => (await simulation.report()).answers['60007'] ?? 0, { timeout: 60_000, interval: 20 })
      .toBeGreaterThan(0);
    await expect
      .poll(async () => (await states()).every(({ factor }) => factor < 1), { timeout: 1_000, interval: 20 })
      .toBe(true);
    // And recover.
    await expect
      .poll(async () => (await states()).every(({ factor }) => factor === 1), {
        timeout: 15_000,
        interval: 100,
      })
      .toBe(true);
  });
});
