import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { exportedUsers, rowTables } from '../../src/rows/tables.ts';
import { runHere } from '../support/command-line.ts';
import {
  csvDestination,
  differences,
  postgresDestination,
  type TestDestination,
} from '../support/destinations.ts';
import { csvRows } from '../support/rows.ts';
import { describeServers } from '../support/servers.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

const app = { users: 300, seed: 71, rate: 5_000, changed: 0 };

type Summary = { readonly counts: Record<string, number> };

/** One attempt of a run. @returns its exit code, its counts, and its messages */
async function start(
  simulation: Simulation,
  to: string,
  ...more: readonly string[]
): Promise<{ code: number | null; counts: Record<string, number>; stderr: string }> {
  const { args, env } = runAgainst(simulation, to, '--rate', '5000', '--json', ...more);
  const { code, stdout, stderr } = await runHere(args, { env });
  const { counts } = stdout === '' ? { counts: {} } : (JSON.parse(stdout) as Summary);
  return { code, counts, stderr };
}

const userOf = (row: string): string => (JSON.parse(row) as string[])[0] ?? '';
const rowsOf = async (destination: TestDestination) =>
  await Promise.all([...rowTables, exportedUsers].map((table) => destination.rows(table)));

describeServers('on the second night, an API', (server) => {
  test('that returns no conversations for any user deletes nothing, until that is allowed', async () => {
    const destination = await postgresDestination(server);
    const full = await startSimulation(app);
    const empty = await startSimulation({ ...app, empty: 1 });
    expect(await start(full, destination.to)).toMatchObject({ code: 0 });
    const before = await rowsOf(destination);

    const stopped = await start(empty, destination.to);
    expect(stopped.stderr).toMatch(
      /with rows would lose them all \(\d+(\.\d+)?%, over --max-emptied-users 1%\).*--allow-mass-deletion/,
    );
    expect(stopped).toMatchObject({ code: 6, counts: { rows_removed: 0, emptied: 0 } });
    expect(await rowsOf(destination)).toEqual(before);

    const allowed = await start(empty, destination.to, '--allow-mass-deletion');
    expect(allowed).toMatchObject({ code: 0 });
    const hadRows = before.slice(0, rowTables.length).flatMap((rows) => rows.map(userOf));
    expect(allowed.counts.emptied).toBe(new Set(hadRows).size);
    for (const table of rowTables) expect(await destination.rows(table)).toEqual([]);
  });

  test('is asked for fewer users, and --prune removes the others, unless they are many', async () => {
    const destination = await postgresDestination(server);
    const simulation = await startSimulation(app);
    expect(await start(simulation, destination.to)).toMatchObject({ code: 0 });
    const all = (await readFile(simulation.users, 'utf8')).trimEnd().split('\n');
    const shorter = async (by: number): Promise<Simulation> => {
      const users = `${simulation.users}.${by}`;
      await writeFile(users, all.slice(by).join('\n'));
      return { ...simulation, users };
    };
    const before = await rowsOf(destination);

    const many = await start(await shorter(50), destination.to, '--prune');
    expect(many).toMatchObject({ code: 6, counts: { pruned: 0, rows_removed: 0 } });
    expect(many.stderr).toMatch(
      /--prune: 50 of 300 users exported before this run are not in the list \(16\.67%/,
    );
    expect(await rowsOf(destination)).toEqual(before);

    const few = await start(await shorter(8), destination.to, '--prune', '--fresh');
    expect(few).toMatchObject({ code: 0, counts: { pruned: 8 } });
    const left = new Set(all.slice(8));
    for (const table of [...rowTables, exportedUsers]) {
      const users = (await destination.rows(table)).map(userOf);
      expect(users.filter((user) => !left.has(user))).toEqual([]);
    }
    expect(await destination.rows(exportedUsers)).toHaveLength(292);

    const other = await start(await shorter(8), destination.to, '--prune', '--name', 'other');
    expect(other).toMatchObject({ code: 2 });
    expect(other.stderr).toMatch(/--prune: the job "default" has exported this app into this schema too/);
  });
});

test('--prune removes no user if the list is incomplete', async () => {
  const destination = await postgresDestination();
  const simulation = await startSimulation({ ...app, users: 60, oddUserIds: 0 });
  expect(await start(simulation, destination.to)).toMatchObject({ code: 0 });
  const before = await rowsOf(destination);
  const users = `${simulation.users}.bad`;
  await writeFile(users, `${'x'.repeat(40)}\n${(await readFile(simulation.users, 'utf8')).slice(12)}`);
  const run = await start({ ...simulation, users }, destination.to, '--prune', '--max-bad-lines', '1');
  expect(run).toMatchObject({ code: 0, counts: { pruned: 0 } });
  expect(run.stderr).toMatch(
    /--prune: no user was removed, because 1 invalid lines of the list were skipped/,
  );
  expect(await rowsOf(destination)).toEqual(before);
});

test('an API that has emptied a few users passes, and what it says is written', async () => {
  const destination = await postgresDestination();
  expect(await start(await startSimulation(app), destination.to)).toMatchObject({ code: 0 });
  const few = await startSimulation({ ...app, empty: 0.02 });
  const exportOnce = await start(few, destination.to, '--chunk-size', '50');
  expect(exportOnce).toMatchObject({ code: 0 });
  expect(exportOnce.counts.emptied).toBeGreaterThan(0);
  expect(await differences(few.expectedDir, destination)).toEqual({});
});

test('more failed users than allowed stop a run, and with a higher limit it resumes', async () => {
  const { to } = await csvDestination();
  const simulation = await startSimulation({ ...app, users: 400, failing: 0.05 });
  const options = ['--chunk-size', '20', '--max-attempts', '1'];
  const stopped = await start(simulation, to, ...options, '--max-failed-users', '1%');
  expect(stopped).toMatchObject({ code: 6 });
  expect(stopped.stderr).toMatch(/\d users have failed so far, over --max-failed-users 1%/);
  expect(stopped.counts.failed).toBeLessThanOrEqual(4);
  const on = await start(simulation, to, ...options, '--max-failed-users', '100');
  expect(on.stderr).toMatch(/run 1 of job default resumes/);
  expect(on).toMatchObject({ code: 3 });
});

test('a list without users of the app stops the run after a thousand users', async () => {
  const { to } = await csvDestination();
  const simulation = await startSimulation({ ...app, users: 2_000, notImported: 1 });
  const run = await start(simulation, to);
  expect(run).toMatchObject({ code: 6 });
  expect(run.stderr).toMatch(/none of the first 1000 users is in the app; compare --sdk-app-id and --region/);
  expect((await simulation.report()).calls).toBeLessThan(2_000);
});

const few = { ...app, users: 20, oddUserIds: 0 };

/** The same app, asked for the users of another list. */
async function withList(simulation: Simulation, users: readonly string[]): Promise<Simulation> {
  const file = `${simulation.users}.${users.length}`;
  await writeFile(file, `${users.join('\n')}\n`);
  return { ...simulation, users: file };
}

const UNKNOWN = ['USER0000001', 'USER0000002', 'USER0000003'];

describe.each([
  ['in csv', csvDestination, []],
  ['in postgres, with --prune,', () => postgresDestination(), ['--prune']],
])('%s a short list without users of the app', (_, destinationOf, options) => {
  test('takes the place of no former export, until that is allowed', async () => {
    const destination = await destinationOf();
    const simulation = await startSimulation(few);
    expect(await start(simulation, destination.to)).toMatchObject({ code: 0 });
    const before = await rowsOf(destination);
    const strangers = await withList(simulation, UNKNOWN);
    // The same command again is stopped again, and makes no call.
    for (const more of [[], [], ['--not-in-app', 'remove', '--fresh']]) {
      const stopped = await start(strangers, destination.to, ...options, ...more);
      expect(stopped).toMatchObject({ code: 6, counts: { exported: 0, not_in_app: 3, rows_removed: 0 } });
      expect(stopped.stderr).toMatch(
        /none of the 3 users of the list is in the app, but an earlier run exported users here/,
      );
      expect(await rowsOf(destination)).toEqual(before);
    }
    const allowed = await start(strangers, destination.to, ...options, '--allow-mass-deletion');
    expect(allowed).toMatchObject({ code: 0 });
    expect(await start(simulation, destination.to)).toMatchObject({ code: 0 });
    expect(await rowsOf(destination)).toEqual(before);
  });

  test('is exported without users if no user was exported before, run after run', async () => {
    const destination = await destinationOf();
    const strangers = await withList(await startSimulation(few), UNKNOWN);
    for (const day of [1, 2]) {
      expect(await start(strangers, destination.to, ...options), `run ${day}`).toMatchObject({
        code: 0,
        counts: { exported: 0, not_in_app: 3 },
      });
    }
  });
});

test('a job without users of the app finishes in a database where all rows stay', async () => {
  const destination = await postgresDestination();
  const simulation = await startSimulation(few);
  expect(await start(simulation, destination.to, '--name', 'big')).toMatchObject({ code: 0 });
  const before = await rowsOf(destination);
  const strangers = await withList(simulation, UNKNOWN);
  for (const more of [[], ['--not-in-app', 'remove']]) {
    const finished = await start(strangers, destination.to, '--name', 'vip', ...more);
    expect(finished).toMatchObject({ code: 0, counts: { not_in_app: 3, rows_removed: 0 } });
    expect(await rowsOf(destination)).toEqual(before);
  }
});

describe('--not-in-app remove', () => {
  test('removes no exported user while no user of the list was found in the app, until that is allowed', async () => {
    const destination = await postgresDestination();
    const simulation = await startSimulation(few);
    expect(await start(simulation, destination.to)).toMatchObject({ code: 0 });
    const before = await rowsOf(destination);
    const hasRows = userOf(before[0]?.[0] ?? '');
    const left = await startSimulation({ ...few, notImported: 1 });
    const list = await withList(left, [hasRows, ...UNKNOWN]);
    const options = ['--not-in-app', 'remove'];
    // The same command again is stopped again.
    for (const more of [[], [], ['--fresh', '--chunk-size', '1']]) {
      const stopped = await start(list, destination.to, ...options, ...more);
      expect(stopped).toMatchObject({ code: 6, counts: { rows_removed: 0 } });
      expect(stopped.stderr).toMatch(
        /no user was found in the app \(\d are not in it\), and --not-in-app remove would remove 1 user of an earlier run: none of them was removed/,
      );
      expect(await rowsOf(destination)).toEqual(before);
    }
    const allowed = await start(list, destination.to, ...options, '--allow-mass-deletion');
    expect(allowed).toMatchObject({ code: 0 });
    expect((await destination.rows(exportedUsers)).map(userOf)).not.toContain(hasRows);
  });

  test('waits for one known user over more chunks than are open at once, then removes', async () => {
    const destination = await postgresDestination();
    const simulation = await startSimulation(few);
    expect(await start(simulation, destination.to)).toMatchObject({ code: 0 });
    const all = (await destination.rows(exportedUsers)).map(userOf);
    const later = await startSimulation({ ...few, notImported: 0.7 });
    const there = new Set((await csvRows(later.expectedDir, exportedUsers)).map(userOf));
    const left = all.filter((user) => !there.has(user));
    expect(left.length).toBeGreaterThan(8);
    expect(there.size).toBeGreaterThan(0);
    const run = await start(
      await withList(later, [...left, ...there]),
      destination.to,
      ...['--not-in-app', 'remove', '--chunk-size', '1'],
      ...['--max-emptied-users', '100%', '--max-lost-rows', '100%'],
    );
    expect(run).toMatchObject({ code: 0, counts: { not_in_app: left.length } });
    expect(new Set((await destination.rows(exportedUsers)).map(userOf))).toEqual(there);
  });
});

test('users who fail one after another with an unknown code stop the run', async () => {
  const { to } = await csvDestination();
  const simulation = await startSimulation({ ...app, users: 1_000, faults: { '59999': 1 } });
  const run = await start(simulation, to, '--chunk-size', '50');
  expect(run).toMatchObject({ code: 4 });
  expect(run.stderr).toMatch(/100 users in a row failed with 59999/);
  expect((await simulation.report()).calls).toBeLessThan(1_000);
});

describe('--max-duration', () => {
  test('stops a run cleanly with 7, and the next attempt resumes, however old the run is', async () => {
    const destination = await csvDestination();
    const simulation = await startSimulation({ ...app, users: 400, rate: 100 });
    const options = ['--chunk-size', '20', '--resume-within', '0s'];
    const { args, env } = runAgainst(
      simulation,
      destination.to,
      '--rate',
      '100',
      ...options,
      '--max-duration',
      '3s',
    );
    const stopped = await runHere(args, { env });
    expect(stopped).toMatchObject({ code: 7 });
    expect(stopped.stderr).toMatch(
      /--max-duration is over: finishing calls in progress and committing complete chunks/,
    );
    expect(stopped.stdout).toMatch(/was stopped on time; the same command resumes it/);
    await simulation.change({ rate: 5_000 });
    const on = await start(simulation, destination.to, ...options);
    expect(on.stderr).toMatch(/run 1 was stopped on time by --max-duration/);
    expect(on).toMatchObject({ code: 0 });
    expect(await differences(simulation.expectedDir, destination)).toEqual({});
  });
});
