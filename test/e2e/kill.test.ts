import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runHere } from '../support/command-line.ts';
import { describeDestinations } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { runAgainst, SECRET_KEY, startSimulation } from '../support/simulation.ts';

const main = resolve(import.meta.dirname, '../../dist/cli/main.js');

// Killed with its parent, so that no test leaves one behind.
const asFirst = ['--pid', '--fork', '--kill-child'];
/** Whether a process can be the first of its namespace here, as in a container: for root, on Linux. */
const canBeFirst = spawnSync('unshare', [...asFirst, 'true']).status === 0;

describeDestinations('a run to', (destinationOf) => {
  test('that is killed when only users who always fail are left ends as without the kill', async () => {
    const list = { users: 60, seed: 13, oddUserIds: 0 };
    const failing = ['user0000058', 'user0000059'];
    const simulation = await startSimulation({
      ...list,
      rate: 1_000,
      script: failing.map((user) => ({ fault: '50004' as const, user, times: 1_000_000 })),
    });
    const destination = await destinationOf();
    const { args, env } = runAgainst(
      simulation,
      destination.to,
      ...['--rate', '500', '--chunk-size', '10', '--max-attempts', '4', '--max-outage', '20s'],
    );
    const run = startProgram(args, { env });
    await run.waitForLine(/chunk 5 is committed/);
    run.kill('SIGKILL');
    await run.exit;
    const next = await runProgram(args, { env });
    expect(next).toMatchObject({ code: 3 });
    expect(next.stderr).not.toMatch(/the API is unavailable/);
    expect(next.stdout).toMatch(/failed +2 \(50004 2\)/);
  });
});

test('a run whose terminal is closed stops as after SIGTERM, and can be resumed', async () => {
  const simulation = await startSimulation({ users: 60, seed: 13, rate: 1_000 });
  const { args, env } = runAgainst(
    simulation,
    `csv:${join(await temporaryDirectory(), 'export')}`,
    '--chunk-size',
    '10',
  );
  const run = startProgram([...args, '--rate', '20'], { env });
  await run.waitForLine(/chunk 1 is committed/);
  run.kill('SIGHUP');
  const stopped = await run.exit;
  expect(stopped).toMatchObject({ code: 143, signal: null });
  expect(stopped.stderr).toMatch(
    /SIGTERM: finishing calls in progress and committing complete chunks; send the signal again to stop at once/,
  );
  expect(await runHere(args, { env })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Run 1 /) });
});

test('a run that still reads its list ends soon after SIGTERM, even when the list never comes', async () => {
  const pipe = join(await temporaryDirectory(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const args = ['run', '--users', pipe, '--to', 'csv:x', '--region', 'seoul', '--sdk-app-id', '1'];
  const run = await runProgram([...args, '--quiet'], {
    // An unknown variable is warned of, so that there is a line to wait for before the list is read.
    env: { CHAT_EXPORT_SECRET_KEY: SECRET_KEY, CHAT_EXPORT_WARN_ME: 'x' },
    until: /CHAT_EXPORT_WARN_ME/,
  });
  expect(run.code).toBe(143);
  expect(run.stderr).toMatch(/SIGTERM: the run was not opened yet; nothing was called/);
});

test('a list that never comes is waited for no longer than --max-duration', async () => {
  const cwd = await temporaryDirectory();
  const pipe = join(cwd, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const args = ['run', '--users', pipe, '--to', 'csv:x', '--region', 'seoul', '--sdk-app-id', '1'];
  const run = await runHere([...args, '--max-duration', '1s'], {
    env: { CHAT_EXPORT_SECRET_KEY: SECRET_KEY },
    cwd,
  });
  expect(run).toMatchObject({ code: 7, stdout: '' });
  expect(run.stderr).toMatch(/--max-duration is over before the run was opened; nothing was called\n$/);
});

test.runIf(canBeFirst).each(['its standard input', 'a pipe'])(
  'as the first process of a container, too, it ends soon when nothing comes from %s (needs unshare, as root)',
  async (from) => {
    const pipe = join(await temporaryDirectory(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const users = from === 'a pipe' ? pipe : '-';
    const args = ['run', '--users', users, '--to', 'csv:x', '--region', 'seoul', '--sdk-app-id', '1'];
    // Its standard input stays open, and nothing comes.
    const container = spawn('unshare', [...asFirst, process.execPath, main, ...args], {
      env: { PATH: process.env.PATH, CHAT_EXPORT_SECRET_KEY: SECRET_KEY, CHAT_EXPORT_WARN_ME: 'x' },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    const ended = once(container, 'exit');
    onTestFinished(() => void container.kill('SIGKILL'));
    let reported = '';
    container.stderr.setEncoding('utf8').on('data', (text) => {
      reported += text;
    });
    await once(container.stderr, 'data');
    const [first] = (await readFile(`/proc/${container.pid}/task/${container.pid}/children`, 'utf8')).split(
      ' ',
    );
    process.kill(Number(first), 'SIGTERM');
    expect(await ended).toEqual([143, null]);
    expect(reported).toMatch(/SIGTERM: the run was not opened yet; nothing was called/);
  },
);
