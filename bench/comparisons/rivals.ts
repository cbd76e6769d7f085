import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { signUserSig } from '../../src/chat-api/user-sig.ts';
import { defaultOptions, type SimulatorOptions } from '../../src/simulator/options/options.ts';
import type { Report } from '../../src/simulator/service/call-recorder.ts';
import { makeDirectory, removeDirectory } from '../../test/support/make-directory.ts';
import { startSimulation } from '../support/simulation.ts';
import { contenders } from './contenders.ts';
import { type Measured, measure } from './measured-process.ts';
import { type Server, startServer } from './postgres.ts';
import { cpuOf } from './process-tree.ts';
import { type Comparisons, compareRows } from './rows.ts';
import type { Contender, Job } from './run.ts';

/** A job that every rival is given. */
export type Course = {
  readonly name: string;
  /** The simulator's quota in calls a second, which the rival is asked to keep; null: no quota. */
  readonly rate: number | null;
  readonly simulator: Partial<SimulatorOptions>;
};

export type Setting = {
  readonly users: number;
  readonly courses: readonly Course[];
  /** Names of rivals (`dlt`) or of one way to run one (`dlt-tuned`); empty: all. */
  readonly only: readonly string[];
  /** A run that takes longer is ended. */
  readonly limitSeconds: number;
  readonly say: (text: string) => void;
  /** Is given all that was found so far, after each run: the whole takes hours. */
  readonly found: (findings: RivalFindings) => Promise<void>;
  /** Ends the run under way and the bench; it rejects with the signal's reason. */
  readonly signal: AbortSignal;
};

export type Result = {
  readonly course: string;
  /** The course's. */
  readonly rate: number | null;
  readonly rival: string;
  readonly variant: Contender['variant'];
  readonly users: number;
  readonly measured: Measured;
  /** CPU of PostgreSQL's sessions, which ended with the run. */
  readonly databaseCpuSeconds: number;
  /** The simulator's record. */
  readonly report: Report;
  readonly rows: Comparisons;
};

/** Why a rival does not run here. */
export type Skipped = { readonly rival: string; readonly variant: string; readonly reason: string };

export type RivalFindings = { readonly results: readonly Result[]; readonly skipped: readonly Skipped[] };

const USER_SIG_LIFETIME = 2 * 86_400;

/**
 * Runs every rival over every course, one after the other, each into a database of its own.
 * @throws {Error} for a name in `only` that nothing is called
 */
export async function benchRivals(setting: Setting): Promise<RivalFindings> {
  const results: Result[] = [];
  const skipped: Skipped[] = [];
  const chosen = contendersCalled(setting.only);
  const directory = await makeDirectory();
  try {
    await using server = await startServer(directory);
    for (const contender of chosen) {
      const { name: rival, variant, installed } = contender;
      const there = await access(installed).then(
        () => true,
        () => false,
      );
      if (!there) {
        skipped.push({ rival, variant, reason: `${installed} is missing: bench/comparisons/install.sh` });
        continue;
      }
      for (const course of setting.courses) {
        setting.say(`${rival} ${variant}, ${course.name}`);
        results.push(
          await runOne(contender, course, setting, server, join(directory, String(results.length))),
        );
        await setting.found({ results, skipped });
      }
    }
    return { results, skipped };
  } finally {
    await removeDirectory(directory);
  }
}

function contendersCalled(names: readonly string[]): readonly Contender[] {
  const namesOf = ({ name, variant }: Contender): string[] => [name, `${name}-${variant}`];
  const unknown = names.find((name) => !contenders.some((contender) => namesOf(contender).includes(name)));
  if (unknown !== undefined) {
    throw new Error(
      `no rival is called ${unknown}: expected one of ${contenders.flatMap(namesOf).join(', ')}`,
    );
  }
  if (names.length === 0) return contenders;
  return contenders.filter((contender) => namesOf(contender).some((name) => names.includes(name)));
}

async function runOne(
  contender: Contender,
  course: Course,
  setting: Setting,
  server: Server,
  directory: string,
): Promise<Result> {
  await mkdir(directory);
  const { users, limitSeconds, signal } = setting;
  // A quota that is never reached, for a course without one.
  const rate = course.rate ?? 1_000_000;
  const expectedDir = join(directory, 'expected');
  await using simulation = await startSimulation(
    directory,
    { ...course.simulator, users, rate },
    expectedDir,
  );
  const work = join(directory, 'work');
  await mkdir(work);
  const job: Job = {
    endpoint: simulation.url,
    users: join(expectedDir, 'users.txt'),
    database: await server.createDatabase(
      `${contender.name.replaceAll('-', '_')}_${contender.variant}_${course.name.replaceAll(/\W/g, '_')}`,
    ),
    rate: course.rate,
    directory: work,
    userSig: signUserSig(
      {
        sdkAppId: defaultOptions.sdkAppId,
        identifier: defaultOptions.identifier,
        issuedAt: Math.floor(Date.now() / 1_000),
        lifetime: USER_SIG_LIFETIME,
      },
      defaultOptions.secretKey,
    ),
  };
  const cpuBefore = await cpuOf(server.pid);
  const measured = await measure(contender.command, variables(job, contender), work, {
    limitSeconds,
    signal,
  });
  const databaseCpuSeconds = (await cpuOf(server.pid)) - cpuBefore;
  return {
    course: course.name,
    rate: course.rate,
    rival: contender.name,
    variant: contender.variant,
    users,
    measured,
    databaseCpuSeconds,
    report: await simulation.report(),
    rows: await compareRows(contender.folder, job.database, expectedDir),
  };
}

/** The rival's input, and nothing else of this process's environment. */
const variables = (job: Job, contender: Contender): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: job.directory,
  TMPDIR: job.directory,
  LANG: 'C.UTF-8',
  BENCH_ENDPOINT: job.endpoint,
  BENCH_USERS: job.users,
  BENCH_DATABASE: job.database,
  BENCH_RATE: job.rate === null ? '' : String(job.rate),
  BENCH_SDK_APP_ID: String(defaultOptions.sdkAppId),
  BENCH_IDENTIFIER: defaultOptions.identifier,
  BENCH_USER_SIG: job.userSig,
  ...contender.env?.(job),
});
