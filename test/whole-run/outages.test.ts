import { beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/options.ts';
import { csvDestination, differences, type TestDestination } from '../ground/destinations.ts';
import { type ProgramResult, runProgram } from '../ground/program.ts';
import { runAgainst, type Simulation, startSimulation } from '../ground/simulation.ts';

/** Seconds from the first call. */
const BEGINS = 3;
const ENDS = 28;

const outages: readonly (readonly [what: string, fault: Fault])[] = [
  ['that breaks every connection', 'down'],
  ['with 50004 for everybody', '50004'],
  ['with HTTP status 502 for everybody', 'http502'],
];

interface Survived {
  readonly simulation: Simulation;
  readonly destination: TestDestination;
  readonly run: ProgramResult;
}

/** Exports to CSV through an outage that lasts longer than all attempts of a user. */
async function exportThrough(fault: Fault): Promise<Survived> {
  const simulation = await startSimulation({
    users: 700,
    seed: 61,
    rate: 200,
    latency: [5, 30],
    script: [{ fault, seconds: [BEGINS, ENDS] }],
  });
  const destination = await csvDestination();
  const { args, env } = runAgainst(
    simulation,
    destination.to,
    ...['--rate', '150', '--max-attempts', '3', '--max-outage', '5m'],
  );
  return { simulation, destination, run: await runProgram(args, { env }) };
}

describe('an outage', () => {
  const survived = new Map<Fault, Survived>();
  // All at once, since they mostly wait.
  beforeAll(async () => {
    await Promise.all(outages.map(async ([, fault]) => survived.set(fault, await exportThrough(fault))));
  });

  test.for(outages)('%s is waited out: no user fails, and the rows are the truth', async ([, fault]) => {
    const { run, simulation, destination } = survived.get(fault) ?? expect.fail('it did not run');
    expect(run).toMatchObject({ code: 0 });
    expect(run.stderr).toMatch(/the API is away/);
    expect(await differences(simulation.truth, destination)).toEqual({});

    // The run was in the middle of its work on both sides, and only asked now and then in between.
    const { callsBySecond, injected } = await simulation.report();
    expect(injected[fault]).toBeGreaterThan(3);
    expect(callsBySecond.length).toBeGreaterThan(ENDS + 2);
    const during = callsBySecond.slice(BEGINS + 15, ENDS);
    expect(Math.max(...during)).toBeLessThanOrEqual(3);
    expect(Math.max(...during)).toBeGreaterThan(0);
  });
});
