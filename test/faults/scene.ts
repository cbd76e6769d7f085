import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { expect, vi } from 'vitest';
import { connectionString, readPostmaster } from '../../src/destinations/embedded/postmaster.ts';
import type { SimulatorOptions } from '../../src/simulator/options/options.ts';
import { runHere } from '../support/command-line.ts';
import type { TestDestination } from '../support/destinations.ts';
import { type Program, type ProgramOptions, startProgram } from '../support/program.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

const RATE = 250;
const LONGEST_LIFE_MS = 120_000;

/** A job, its surroundings, and its start: a fault may change all of these. */
export class Scene {
  readonly simulation: Simulation;
  readonly destination: TestDestination;
  /** Arguments and variables of the next attempt. */
  readonly args: string[];
  readonly env: Record<string, string>;
  options: Pick<ProgramOptions, 'account' | 'via' | 'script'> = {};

  private constructor(
    simulation: Simulation,
    destination: TestDestination,
    more: Readonly<Record<string, string>>,
  ) {
    this.simulation = simulation;
    this.destination = destination;
    const { args, env } = runAgainst(
      simulation,
      destination.to,
      ...['--rate', String(RATE), '--chunk-size', '10'],
    );
    this.args = [...args];
    for (const [option, value] of Object.entries(more)) this.set(option, value);
    this.env = { ...env };
  }

  static async make(
    destination: TestDestination,
    api: Partial<SimulatorOptions>,
    more: Readonly<Record<string, string>>,
  ): Promise<Scene> {
    const simulation = await startSimulation({
      users: 120,
      seed: 5,
      pageSize: 5,
      rate: 1_000,
      latency: [2, 10],
      ...api,
    });
    return new Scene(simulation, destination, more);
  }

  /** The directory of a destination that is one. */
  get directory(): string {
    return this.destination.to.replace(/^\w+:/, '');
  }

  start(more: Readonly<Record<string, string>> = {}): Program {
    const program = startProgram(this.args, { ...this.options, env: { ...this.env, ...more } });
    // A process that hangs is ended, so that its test can show its output.
    const alarm = setTimeout(() => program.kill('SIGKILL'), LONGEST_LIFE_MS);
    void program.exit.finally(() => clearTimeout(alarm));
    return program;
  }

  /** An attempt that signals itself SIGSTOP at a step (`step#n`), and is woken by SIGCONT. */
  startToFreezeAt(step: string): Program {
    return this.start({ ...importing('../crash/signal-at-step.js'), AT_STEP: step, SIGNAL: 'SIGSTOP' });
  }

  /** Sets an option for the next starts. */
  set(option: string, value: string): void {
    const at = this.args.indexOf(option);
    if (at < 0) this.args.push(option, value);
    else this.args[at + 1] = value;
  }

  /** A session of its own in the destination's database; the caller ends it. */
  async database(): Promise<pg.Client> {
    const { to } = this.destination;
    const connection = to.startsWith('embedded:') ? await embeddedUrl(this.directory) : to;
    const client = new pg.Client({ connectionString: connection });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** The stop reason in the run's record. */
  async stopReason(): Promise<unknown> {
    const env = { CHAT_EXPORT_TO: this.destination.to };
    const { stdout } = await runHere(['runs', '--json'], { env, cwd: '/' });
    const [run] = JSON.parse(stdout) as { stop_reason: unknown; error: unknown }[];
    return run?.error ?? run?.stop_reason;
  }

  async calls(): Promise<number> {
    return (await this.simulation.report()).calls;
  }
}

async function embeddedUrl(dir: string): Promise<string> {
  const postmaster = await readPostmaster(dir);
  if (postmaster === undefined) throw new Error(`no server runs on ${dir}`);
  return connectionString(postmaster);
}

/** The variables of an attempt that imports a script of this folder before it begins. */
export const importing = (script: string): Record<string, string> => ({
  NODE_OPTIONS: `--import=${new URL(script, import.meta.url).href}`,
});

/** Resolves once a process is stopped by SIGSTOP. */
export async function untilFrozen({ pid }: Program): Promise<void> {
  const state = async (): Promise<string> =>
    (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1] ?? '';
  await vi.waitFor(async () => expect(await state()).toMatch(/^T/), { interval: 10, timeout: 300_000 });
}

/** Another attempt finds the holder, and reports who it is and since when. */
export async function expectRefused(scene: Scene, { pid }: Program): Promise<void> {
  const before = await scene.calls();
  const second = await scene.start().exit;
  expect(second).toMatchObject({ code: 8, stdout: '' });
  expect(second.stderr).toMatch(new RegExp(`process ${pid} on .*, since 20\\d\\d-`));
  expect(await scene.calls()).toBe(before);
}
