import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect } from 'vitest';
import { type CrashPoint, crashPoints } from '../../src/destinations/contract/crash-points.ts';
import { type ApiLine, apiLinesTo } from '../support/api-lines.ts';
import { differences, type TestDestination } from '../support/destinations.ts';
import { type Line, lineToDatabase } from '../support/line.ts';
import { type Program, startProgram } from '../support/program.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';
import { dice } from './dice.ts';
import { HistoryWatch } from './history-watch.ts';

const WORKERS = 3;
const USERS = 150;
const CHUNK = 3;
// With the one that waits for room.
const MAX_CLAIMED_CHUNKS = 9;
const MAX_CALLS_OF_A_USER = 9;
const MAX_ATTEMPTS = 4;
const LONGEST_PAUSE_MS = 1_500;
/** What a night of so many users has time for. */
const FAULTS_A_NIGHT = 5;
/** Steps that only files have. */
const ofFiles: readonly CrashPoint[] = ['table-made', 'file-placed'];

export const FAULTS = [
  'kill',
  'freeze',
  'kill at a step',
  'freeze at a step',
  'database cut off',
  'database muted',
  'API cut off',
  'SIGTERM',
] as const;
export type ChaosFault = (typeof FAULTS)[number];

export type ChaosOptions = {
  readonly faults: number;
  readonly seed: number;
  /** How long a worker is frozen, or cut off, at most, ms. More than ten seconds, after which its chunks are given away. */
  readonly longestFaultMs: number;
};

export type Survived = {
  readonly faults: Readonly<Record<string, number>>;
  readonly nights: number;
  /** Calls beside those of the committed chunks. */
  readonly repeated: number;
  readonly exitCodes: Readonly<Record<string, number>>;
};

/** A host of workers: its lines to the database and to the API can fail. */
type Host = {
  readonly database: Line & { readonly url: string };
  readonly api: ApiLine;
  shiftMs: number;
  /** Whether its line to the database has failed in this night. */
  wasCutOff: boolean;
};

/** A process, and what was done to it. */
type Worker = { readonly program: Program; readonly host: Host; fault: ChaosFault | null; hasEnded: boolean };

/**
 * Runs nights of a shared run whose content changes from night to night. At random moments it kills, freezes, cuts off, stops and
 * replaces workers. After each night, compares every table and every version with the expected ones, and counts the repeated calls.
 */
export async function chaosOverSharedNights(
  destination: TestDestination,
  { faults, seed, longestFaultMs }: ChaosOptions,
): Promise<Survived> {
  const random = dice(seed);
  const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  // They fail in the first pass, and come in the second.
  const late = Array.from({ length: 6 }, (_, i) => `user${String(10 + 20 * i).padStart(7, '0')}`);
  const script = late.map((user) => ({ fault: '50004' as const, user, times: MAX_ATTEMPTS }));
  const simulation = await startSimulation({
    users: USERS,
    seed,
    rate: 10_000,
    changed: 0.3,
    latency: [1, 20],
    faults: { '50004': 0.02 },
    script,
  });
  const { hosts, startOn } = await cluster(destination, simulation);
  const watch = new HistoryWatch(destination.to);
  const steps = crashPoints.filter((step) => !ofFiles.includes(step));
  const done: Record<string, number> = {};
  const exitCodes: Record<string, number> = {};
  let [injected, night, before, repeated, lastRun] = [0, 1, 0, 0, 0];
  /** Crash points that workers have not come by yet in this round. */
  let ahead: CrashPoint[] = [];
  const nextStep = (): CrashPoint => {
    if (ahead.length === 0) ahead = [...steps];
    return ahead.splice(Math.floor(random() * ahead.length), 1)[0] as CrashPoint;
  };

  for (;;) {
    const workers: Worker[] = [];
    const repairs = new Set<Promise<void>>();
    const log: string[] = [];
    const began = performance.now();
    const note = (text: string): void => {
      log.push(`${Math.round(performance.now() - began)} ms: ${text}`);
    };
    const start = (host: Host, more: Readonly<Record<string, string>> = {}): Worker => {
      const program = startOn(host, more);
      const worker: Worker = { program, host, fault: null, hasEnded: false };
      workers.push(worker);
      note(`process ${program.pid} starts`);
      void program.exit.then(({ code, signal }) => {
        worker.hasEnded = true;
        note(`process ${program.pid} ends: ${signal ?? code}`);
      });
      return worker;
    };
    const later = (ms: number, repair: () => void): void => {
      const repaired = sleep(ms).then(repair);
      repairs.add(repaired);
      void repaired.finally(() => repairs.delete(repaired));
    };
    for (const host of hosts) {
      host.wasCutOff = false;
      start(host);
    }
    await Promise.race(workers.map(({ program }) => program.waitForLine(/chunk \d+ is committed/)));
    const isOver = (): boolean =>
      workers.some(({ program, hasEnded, fault }) => hasEnded && fault === null && program.pid > 0);
    const length = FAULTS_A_NIGHT - 1 + Math.floor(random() * 3);
    let tonight = 0;
    while (!isOver() && injected < faults && tonight < length) {
      await sleep(random() * LONGEST_PAUSE_MS);
      const healthy = workers.filter(({ hasEnded, fault }) => !hasEnded && fault === null);
      if (healthy.length === 0 || isOver()) break;
      const worker = oneOf(healthy);
      const fault = oneOf(FAULTS);
      const ms = 500 + random() * (longestFaultMs - 500);
      const { program, host } = worker;
      worker.fault = fault;
      note(`${fault}, process ${program.pid}, ${Math.round(ms)} ms`);
      if (fault === 'kill') program.kill('SIGKILL');
      if (fault === 'SIGTERM') program.kill('SIGTERM');
      if (fault === 'freeze') {
        program.kill('SIGSTOP');
        later(ms, () => program.kill('SIGCONT'));
      }
      if (fault === 'database cut off' || fault === 'database muted') {
        if (fault === 'database muted') host.database.mute();
        else host.database.cut();
        host.wasCutOff = true;
        later(ms, () => host.database.mend());
      }
      if (fault === 'API cut off') {
        // It defers users, and those of the script must not fail as often again in the second pass.
        await simulation.change({ script: [] });
        host.api.cut();
        later(ms, () => host.api.mend());
      }
      const atStep = fault === 'kill at a step' || fault === 'freeze at a step';
      if (atStep) {
        // This one makes room for one that will meet the step.
        worker.fault = 'kill';
        program.kill('SIGKILL');
        await program.exit;
        const step = nextStep();
        const isKill = fault === 'kill at a step';
        const at = step.startsWith('chunk-') ? `${step}#${1 + Math.floor(random() * 3)}` : step;
        note(`the next process ${isKill ? 'dies' : 'freezes'} at ${at}`);
        const next = start(host, { ...atStepEnv, AT_STEP: at, SIGNAL: isKill ? 'SIGKILL' : 'SIGSTOP' });
        next.fault = fault;
        if (!isKill) later(ms + 2_000, () => next.program.kill('SIGCONT'));
      }
      injected += 1;
      tonight += 1;
      done[fault] = (done[fault] ?? 0) + 1;
      // A replacement for whoever works no more, or not for now.
      const isAtWork = fault === 'database cut off' || fault === 'database muted' || fault === 'API cut off';
      if (!isAtWork || random() < 0.3) {
        await sleep(random() * 1_000);
        if (!isOver()) start(oneOf(hosts));
      }
    }
    await Promise.all(repairs);
    // A killed cohort has none left; a process that met its step and died may have been the last.
    while (!(await isFinished(destination.to, lastRun))) {
      if (workers.every(({ hasEnded }) => hasEnded)) start(oneOf(hosts));
      await sleep(200);
      await Promise.race([
        sleep(500),
        ...workers.filter((one) => !one.hasEnded).map(({ program }) => program.exit),
      ]);
      if (performance.now() - began > 240_000) break;
    }
    // A process that froze itself at the end is woken.
    const waking = setInterval(() => {
      for (const one of workers) if (one.fault === 'freeze at a step') one.program.kill('SIGCONT');
    }, 500);
    const alarm = setTimeout(() => {
      for (const one of workers) one.program.kill('SIGKILL');
    }, 90_000);
    const ends = await Promise.all(
      workers.map(async (worker) => ({ worker, end: await worker.program.exit })),
    );
    clearInterval(waking);
    clearTimeout(alarm);
    const said = ends.map(
      ({ worker, end }) =>
        `--- process ${worker.program.pid} (${worker.fault}): ${end.signal ?? end.code}\n${shortened(end.stderr)}`,
    );
    const replay = `seed ${seed}, night ${night}, ${injected} faults\n${log.join('\n')}\n${said.join('\n')}`;
    for (const { worker, end } of ends) {
      const shown = String(end.signal ?? end.code);
      exitCodes[shown] = (exitCodes[shown] ?? 0) + 1;
      expect(
        mayEndWith(worker, end.stderr),
        `${worker.program.pid} ended with ${shown}; ${replay}`,
      ).toContain(end.signal ?? end.code);
    }
    const expectedDir = night === 1 ? simulation.expectedDir : await simulation.expectedDirOnDay(night);
    expect(await differences(expectedDir, destination), replay).toEqual({});
    await watch.afterRun(expectedDir, replay);
    const runs = await finishedRuns(destination.to, lastRun);
    const calls = (await simulation.report()).calls;
    const again = calls - before - runs.calls;
    expect(again, replay).toBeGreaterThanOrEqual(0);
    expect(again, replay).toBeLessThanOrEqual(
      workers.filter(({ fault }) => fault !== null).length * MAX_CLAIMED_CHUNKS * CHUNK * MAX_CALLS_OF_A_USER,
    );
    repeated += again;
    lastRun = runs.last;
    if (process.env.CRASH_VERBOSE)
      process.stdout.write(`${replay.split('\n---')[0]}\nrepeated ${again} beside ${runs.calls}\n`);
    if (injected >= faults) return { faults: done, nights: night, repeated, exitCodes };
    night += 1;
    await simulation.change({ day: night, script });
    before = (await simulation.report()).calls;
  }
}

const atStepEnv = { NODE_OPTIONS: `--import=${new URL('signal-at-step.js', import.meta.url).href}` };

const OPENED = / run \d+ of job default /;

/** The exit codes that a worker may end with. */
function mayEndWith({ fault, host }: Worker, stderr: string): readonly (number | NodeJS.Signals)[] {
  // A process does not wait for a database that it cannot reach when it starts. Others of its host may have been cut off.
  if (!OPENED.test(stderr)) return [...endsAfter(fault), 5];
  return host.wasCutOff ? [...endsAfter(fault), 8] : endsAfter(fault);
}

function endsAfter(fault: ChaosFault | null): readonly (number | NodeJS.Signals)[] {
  if (fault === null) return [0];
  if (fault === 'kill' || fault === 'kill at a step') return ['SIGKILL', 0];
  // A process that has hardly started dies of the signal itself.
  if (fault === 'SIGTERM') return [143, 0, 'SIGTERM'];
  // While it was frozen or cut off, the others may have ended, and a new one taken over.
  return [0, 8];
}

/** Hosts for workers, each with lines of its own. Their clocks are five seconds apart. */
async function cluster(
  destination: TestDestination,
  simulation: Simulation,
): Promise<{
  hosts: readonly Host[];
  startOn: (host: Host, more: Readonly<Record<string, string>>) => Program;
}> {
  const api = await apiLinesTo(simulation);
  const hosts: Host[] = [];
  for (let i = 0; i < WORKERS; i += 1) {
    hosts.push({
      database: await lineToDatabase(destination.to),
      api: await api.line(),
      shiftMs: (i - 1) * 5_000,
      wasCutOff: false,
    });
  }
  const startOn = (
    { database, api: line, shiftMs }: Host,
    more: Readonly<Record<string, string>>,
  ): Program => {
    const { args, env } = runAgainst(
      api.simulation,
      database.url,
      ...['--share', '--history', '--chunk-size', String(CHUNK)],
      ...['--rate', '12', '--concurrency', '8', '--timeout', '1m'],
      ...['--max-attempts', String(MAX_ATTEMPTS), '--ca-file', api.caFile, '--keep-runs', '1000'],
      // A night removes up to 5 %, which the guards have to let through whatever part of it they have seen.
      ...['--max-lost-rows', '10%'],
    );
    const shift = new URL('../faults/shift-clock.js', import.meta.url).href;
    return startProgram(args, {
      env: {
        ...env,
        HTTPS_PROXY: line.proxy.url,
        SHIFT_MS: String(shiftMs),
        ...more,
        // The shift at once: AT_STEP is read by both scripts.
        NODE_OPTIONS: [more.NODE_OPTIONS, more.AT_STEP === undefined ? `--import=${shift}` : '']
          .join(' ')
          .trim(),
      },
    });
  };
  return { hosts, startOn };
}

/** The runs after one, all finished: the calls that reached the API, by their counts, and the last of them. */
async function finishedRuns(
  url: string,
  after: number,
): Promise<{ readonly calls: number; readonly last: number }> {
  const rows = await query(
    url,
    `select run_id, status, (counts->>'calls')::float8 - coalesce((counts->'errors'->>'network')::float8, 0) as calls from chat_export.runs where run_id > ${after} order by run_id`,
  );
  for (const { run_id, status } of rows) expect(status, `run ${run_id}`).toBe('finished');
  return {
    calls: rows.reduce((sum, { calls }) => sum + Number(calls), 0),
    last: Number(rows.at(-1)?.run_id),
  };
}

async function isFinished(url: string, after: number): Promise<boolean> {
  const isMade = await query(url, "select to_regclass('chat_export.runs') is not null as is_made");
  if (isMade[0]?.is_made !== true) return false;
  const rows = await query(url, `select status from chat_export.runs where run_id > ${after}`);
  return rows.length > 0 && rows.every(({ status }) => status === 'finished');
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Without the lines of each chunk. */
const shortened = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/chunk \d+ is committed|again after|is retried/.test(line))
    .slice(-40)
    .join('\n');
