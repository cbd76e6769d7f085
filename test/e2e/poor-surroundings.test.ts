import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { csvDestination, differences } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram } from '../support/program.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

/** A shell that does something before it becomes the program. */
const after = (before: string): readonly string[] => ['sh', '-c', `${before}; exec "$@"`, 'sh'];
const sendingTo = (redirection: string): readonly string[] => ['sh', '-c', `exec "$@" ${redirection}`, 'sh'];

test.skipIf(process.platform !== 'linux')(
  'a log that cannot be written ends no run; a result that cannot be written ends it with 5 (needs Linux)',
  async () => {
    const simulation = await startSimulation({ users: 30, rate: 1_000 });
    for (const [redirection, code] of [
      ['2>/dev/full', 0],
      ['2>&-', 0],
      ['>/dev/full', 5],
      ['>/dev/full 2>&1', 5],
    ] as const) {
      const destination = await csvDestination();
      const { args, env } = runAgainst(simulation, destination.to);
      const run = await runProgram(args, { env, via: sendingTo(redirection) });
      expect({ redirection, code: run.code }).toEqual({ redirection, code });
      const runs = await runProgram(['runs', '--to', destination.to], { env });
      expect(runs.stdout).toMatch(/^ *1 .* finished /m);
    }
  },
);

test('a working directory that was removed is named, and nothing is called', async () => {
  const directory = join(await temporaryDirectory(), 'gone');
  const run = await runProgram(['runs', '--to', 'csv:out'], {
    via: after(`mkdir '${directory}' && cd '${directory}' && rmdir '${directory}'`),
  });
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toMatch(/^chat-export: the working directory no longer exists: change to another one/);
  await rm(directory, { recursive: true, force: true });
});

test('too few open files are reported with a hint how to raise the limit', async () => {
  const simulation = await startSimulation({ users: 30, rate: 1_000 });
  const destination = await csvDestination();
  const { args, env } = runAgainst(simulation, destination.to);
  const run = await runProgram(args, { env, via: after('ulimit -n 64') });
  // Newer releases of Node.js need fewer files themselves: then the run has enough.
  if (run.code === 0) expect(await differences(simulation.expectedDir, destination)).toEqual({});
  else {
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/^chat-export: too many open files \(EMFILE\); raise the limit/);
  }
});
