import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { csvDestination, differences } from '../ground/destinations.ts';
import { runProgram } from '../ground/program.ts';
import { SECRET_KEY, startSimulation } from '../ground/simulation.ts';

const env = { CHAT_EXPORT_SECRET_KEY: SECRET_KEY };

test('--users - reads the list from standard input', async () => {
  const simulation = await startSimulation({ users: 30, seed: 41, rate: 1_000 });
  const destination = await csvDestination();
  const args = ['run', '--users', '-', '--to', destination.to, '--endpoint', simulation.url];
  const run = await runProgram([...args, '--sdk-app-id', '1400000000'], {
    env,
    input: await readFile(simulation.users, 'utf8'),
  });
  expect(run).toMatchObject({ code: 0 });
  expect(await differences(simulation.truth, destination)).toEqual({});
});

test('a bad line of standard input is named as such', async () => {
  const args = ['run', '--users', '-', '--to', 'csv:export', '--region', 'seoul', '--sdk-app-id', '1'];
  const run = await runProgram(args, { env, input: `u1\n${'x'.repeat(40)}\n` });
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toMatch(/^chat-export: standard input:2: a user ID has at most 32 bytes/);
});
