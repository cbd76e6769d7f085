import { beforeAll, describe, expect, test } from 'vitest';
import {
  csvDestination,
  differences,
  embeddedDestination,
  parquetDestination,
  postgresDestination,
  type TestDestination,
} from '../support/destinations.ts';
import type { Program, ProgramResult } from '../support/program.ts';
import { servers } from '../support/servers.ts';
import { apiFaults } from './api-faults.ts';
import { changes } from './changes.ts';
import { clockFaults } from './clock-faults.ts';
import { databaseFaults } from './database-faults.ts';
import { directoryFaults } from './directory-faults.ts';
import type { End, Fault, Place } from './fault.ts';
import { lostCommitFaults } from './lost-commit-faults.ts';
import { processFaults } from './process-faults.ts';
import { Scene } from './scene.ts';

/** The matrix: fault x destination, with the end of each attempt. In the end, the rows always equal the expected ones. */
const matrix: readonly Fault[] = [
  ...apiFaults,
  ...databaseFaults,
  ...lostCommitFaults,
  ...directoryFaults,
  ...processFaults,
  ...clockFaults,
  ...changes,
];

const destinations: Readonly<Record<Place, () => Promise<TestDestination>>> = {
  csv: csvDestination,
  parquet: parquetDestination,
  'postgres 18': () => postgresDestination('18'),
  'postgres 15': () => postgresDestination('15'),
  embedded: () => embeddedDestination(),
};

// Several starts, each of which is ended when it hangs.
const PLAYED_WITHIN_MS = 1_200_000;

const resumes: End = { code: 0, says: /run 1 of job default resumes/ };

/** Makes a test of each cell of a column. */
export function describeColumn(place: Place): void {
  const lacking = servers().find(({ version }) => place === `postgres ${version}`)?.missing ?? null;
  const faults = matrix
    .filter(({ to }) => to.includes(place))
    .map((fault) => ({ ...fault, lacking: lacking ?? fault.missing?.() ?? null }));
  const played = new Map<string, PromiseSettledResult<void>>();

  describe.each([{ place }])('an export to $place', () => {
    // biome-ignore lint/correctness/noEmptyPattern: the second argument is wanted, and vitest reads what the first one is
    beforeAll(async ({}, { tasks }) => {
      const wanted = tasks.filter(({ mode }) => mode !== 'skip').map(({ name }) => name);
      const waiting = faults.filter(
        ({ waits, fault }) => waits && wanted.some((name) => name.startsWith(`${fault}: `)),
      );
      const ends = await Promise.allSettled(waiting.map((fault) => play(fault, place)));
      waiting.forEach(({ fault }, i) => void played.set(fault, ends[i] as PromiseSettledResult<void>));
    }, PLAYED_WITHIN_MS);

    for (const fault of faults) {
      const needs = fault.lacking === null ? '' : ` (${fault.lacking})`;
      test.skipIf(fault.lacking !== null)(`${fault.fault}: ${expected(fault, place)}${needs}`, async () => {
        if (!fault.waits) return await play(fault, place);
        const end = played.get(fault.fault);
        if (end?.status === 'rejected') throw end.reason;
      });
    }
  });
}

const endOf = ({ ends }: Fault, place: Place): End => {
  const end = 'code' in ends ? (ends as End) : (ends as Partial<Record<Place, End>>)[place];
  if (end === undefined) throw new Error(`the matrix does not say how it ends for ${place}`);
  return end;
};

const nextOf = (fault: Fault, place: Place): NonNullable<Fault['next']> =>
  fault.next ?? (endOf(fault, place).code === 0 ? [] : [resumes]);

/** The cell in words: the ends of its starts. */
const expected = (fault: Fault, place: Place): string =>
  [endOf(fault, place), ...nextOf(fault, place)].map(({ code }) => code).join(', then ');

async function play(fault: Fault, place: Place): Promise<void> {
  const destination = await (fault.on ?? destinations[place])();
  const scene = await Scene.make(destination, fault.api ?? {}, fault.args ?? {});
  await fault.before?.(scene);
  const first = fault.start?.(scene) ?? scene.start();
  const repair = await cause(fault, scene, first);
  let last = await expectEnd(first, endOf(fault, place), 'the start that met the fault');
  await repair?.();
  await expectNoted(scene, endOf(fault, place));
  for (const [i, end] of nextOf(fault, place).entries()) {
    await end.prepare?.(scene);
    last = await expectEnd(scene.start(), end, `start ${i + 2}`);
  }
  expect(await differences(scene.simulation.expectedDir, destination)).toEqual({});
  await fault.holds?.(scene, last);
}

async function expectNoted(scene: Scene, { noted }: End): Promise<void> {
  if (noted === undefined) return;
  const stopReason = await scene.stopReason();
  if (noted === null) expect(stopReason).toBeNull();
  else expect(stopReason).toMatch(noted);
}

async function cause(
  fault: Fault,
  scene: Scene,
  program: Program,
): Promise<(() => Promise<unknown>) | undefined> {
  if (fault.cause === undefined) return undefined;
  await program.waitForLine(fault.at ?? /chunk \d+ is committed/);
  return await fault.cause(scene, program);
}

async function expectEnd(program: Program, { code, says }: End, which: string): Promise<ProgramResult> {
  const ended: ProgramResult = await program.exit;
  const said = `${which} said: ${ended.stdout}${ended.stderr}`;
  expect(ended.signal ?? ended.code, said).toBe(code);
  expect(ended.stderr, which).toMatch(says);
  return ended;
}
