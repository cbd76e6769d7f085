import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { csvDestination, differences, postgresDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { type ProgramResult, runProgram } from '../support/program.ts';
import { SECRET_KEY, type Simulation, startSimulation } from '../support/simulation.ts';

const env = { CHAT_EXPORT_SECRET_KEY: SECRET_KEY };

type Start = { readonly input?: string; readonly args?: readonly string[]; readonly until?: RegExp };

const run = (simulation: Simulation, to: string, { args = [], ...more }: Start): Promise<ProgramResult> =>
  runProgram(['run', '--users', '-', '--endpoint', simulation.url, '--sdk-app-id', '1400000000', ...args], {
    env: { ...env, CHAT_EXPORT_TO: to },
    ...more,
  });

test('--users - reads the list from standard input, and as CSV where a column is named', async () => {
  const simulation = await startSimulation({ users: 30, seed: 41, rate: 1_000, oddUserIds: 0 });
  const list = await readFile(simulation.users, 'utf8');
  for (const start of [
    { input: list },
    { input: `n,id\n${list.replace(/^(?=.)/gm, '1,')}`, args: ['--user-column', 'id'] },
  ]) {
    const destination = await csvDestination();
    expect(await run(simulation, destination.to, start)).toMatchObject({ code: 0 });
    expect(await differences(simulation.expectedDir, destination)).toEqual({});
  }
});

test('a bad line of standard input is named as such', async () => {
  const args = ['run', '--users', '-', '--to', 'csv:export', '--region', 'seoul', '--sdk-app-id', '1'];
  const run = await runProgram(args, { env, input: `u1\n${'x'.repeat(40)}\n` });
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toMatch(/^chat-export: standard input:2: a user ID has at most 32 bytes/);
});

describe.each([
  ['csv', csvDestination],
  ['postgres', postgresDestination],
])('in %s, an empty standard input', (_, destinationOf) => {
  test('resumes an unfinished run by its plan, and starts none', async () => {
    const simulation = await startSimulation({ users: 300, seed: 42, rate: 1_000, latency: [5, 20] });
    const destination = await destinationOf();
    const args = ['--chunk-size', '20', '--rate', '500', '--log-level', 'debug'];
    const input = await readFile(simulation.users, 'utf8');
    expect(
      await run(simulation, destination.to, { args, input, until: /chunk 3 is committed/ }),
    ).toMatchObject({
      code: 143,
    });
    // Another list is reported, and changes nothing.
    const other = await run(simulation, destination.to, {
      args,
      input: 'somebody\n',
      until: /run 1 of job default resumes/,
    });
    expect(other).toMatchObject({ code: 143 });
    expect(other.stderr).toMatch(/the user list has changed since run 1 started/);
    const fresh = await run(simulation, destination.to, { args: [...args, '--fresh'] });
    expect(fresh).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/standard input holds no user ID/),
    });

    const last = await run(simulation, destination.to, { args });
    expect(last).toMatchObject({ code: 0 });
    expect(last.stderr).toMatch(/run 1 of job default resumes/);
    expect(last.stderr).not.toMatch(/the user list has changed/);
    expect(await differences(simulation.expectedDir, destination)).toEqual({});

    const calls = (await simulation.report()).calls;
    for (const blank of ['', '\n \n']) {
      const none = await run(simulation, destination.to, { args, input: blank });
      expect(none).toMatchObject({
        code: 2,
        stdout: '',
        stderr: 'chat-export: standard input holds no user ID\n',
      });
    }
    expect((await simulation.report()).calls).toBe(calls);
  });
});

test('an empty standard input without any run is refused', async () => {
  const args = ['run', '--users', '-', '--to', 'csv:export', '--region', 'seoul', '--sdk-app-id', '1'];
  const cwd = await temporaryDirectory();
  for (const more of [[], ['--user-column', 'id']]) {
    const run = await runProgram([...args, ...more], { env, cwd });
    expect(run).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'chat-export: standard input holds no user ID\n',
    });
  }
});
