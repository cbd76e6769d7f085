import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SimulatorOptions } from '../../src/simulator/options/options.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { startInTerminal } from '../support/pseudo-terminal.ts';
import { runAgainst, type Simulation, startSimulation } from '../support/simulation.ts';

const BAR = /^([█░]+) {2}[\d,]+ of [\d,]+ users \(\d+\.\d %\)( · [\d. hmins]+ left)?$/;
const PACE = /^\d+ of 200 calls\/s · [\d,]+ rows( · 2 users failed)?$/;
const WAIT = /^(waiting for|backing off) /;
const ESCAPE = '\u001b';

/** The allowed content of the screen after a run: log lines, wrapped or not, and its summary, but none of the progress lines. */
const hasRemains = (lines: readonly string[]): boolean =>
  lines.some((line) => /[█░]|calls\/s ·|^waiting|^backing/.test(line));

/** Whether the last lines are those of the progress, drawn once. */
const isDrawn = (lines: readonly string[]): boolean => {
  const [bar = '', pace = '', wait = ''] = lines.slice(-3);
  return BAR.test(bar) && PACE.test(pace) && WAIT.test(wait) && !hasRemains(lines.slice(0, -3));
};

const calling = (users: readonly string[], fault: '50002' | 'stall') =>
  users.map((user) => ({ fault, user, times: 1_000_000 }));

/** Ends the calls without an answer, like a service that goes down, and continues with another script. */
async function letGo(simulation: Simulation, script: SimulatorOptions['script']): Promise<void> {
  await simulation.change({ script: [{ fault: 'down', calls: [1, 1_000_000] }] });
  await expect(fetch(simulation.url)).rejects.toThrow();
  await simulation.change({ script });
}

test('in 80 columns, a run draws its progress below its log, and takes it away at the end', async () => {
  const failing = calling(['user0000010', 'user0000030'], '50002');
  // Some users of each chunk from the third on get no answer.
  const held = calling(
    Array.from({ length: 10 }, (_, i) => `user0000${110 + 20 * i}`),
    'stall',
  );
  // The run waits until the test has seen it: at first no call succeeds, and later no other chunk becomes whole.
  const simulation = await startSimulation({
    users: 300,
    oddUserIds: 0,
    rate: 1_000,
    faults: { '50004': 1 },
  });
  const to = `csv:${join(await temporaryDirectory(), 'export')}`;
  const { args, env } = runAgainst(
    simulation,
    to,
    // All chunks fit: none of those that wait at first is put off to the second pass, however long that takes.
    ...['--chunk-size', '40', '--max-attempts', '100', '--timeout', '10m'],
  );
  const program = startInTerminal(args, { env, columns: 80 });
  const early = await program.until(isDrawn);
  expect(early.at(-3)).toMatch(/^░+ {2}0 of 300 users \(0\.0 %\)$/);
  await simulation.change({ script: [...failing, ...held], faults: { '50004': 0.1 } });
  const late = await program.until((lines) => isDrawn(lines) && / 2 users failed/.test(lines.at(-2) ?? ''));
  expect(late.at(-3)).toMatch(/^█+░* {2}\d+ of 300 users \(\d+\.\d %\) · [\d.]+ (s|min \d+ s) left$/);
  expect(late.at(-3)?.length).toBeLessThan(80);
  expect(late.at(-3)?.length).toBeGreaterThan(70);
  expect(late.at(-1)).toMatch(/ · [\d,]+ retr(y|ies) \(50004 [\d,]+\)/);
  expect(late.join('')).toContain('user user0000010 was not exported: api_error 50002');
  await letGo(simulation, failing);
  expect(await program.exit).toBe(3);
  const lines = program.lines();
  expect(hasRemains(lines), lines.join('\n')).toBe(false);
  expect(lines.join('\n')).toMatch(/\nRun 1 of job default is finished, but 2 users failed\n/);
  // Coloured, and with the cursor always to be seen.
  expect(program.printed).toContain(`${ESCAPE}[32m█`);
  expect(program.printed).not.toContain(`${ESCAPE}[?25l`);
});

test('in 140 columns without colour, a narrower terminal and two interrupts leave nothing of what was drawn', async () => {
  // The calls of these are under way to the end, without an answer.
  const held = Array.from({ length: 9 }, (_, i) => `user000015${i}`);
  const simulation = await startSimulation({
    users: 300,
    oddUserIds: 0,
    rate: 1_000,
    // One call for each user, so that no other is expected, and nothing is said of the time that is left.
    pageSize: 1_000,
    script: calling(held, 'stall'),
  });
  const to = `csv:${join(await temporaryDirectory(), 'export')}`;
  const { args, env } = runAgainst(simulation, to, '--chunk-size', '20', '--timeout', '10m');
  const program = startInTerminal(args, { env: { ...env, NO_COLOR: '1' }, columns: 140 });
  // All figures stand still: nothing is drawn just when the terminal becomes narrower, which the program cannot know yet.
  const wide = await program.until(
    (lines) =>
      isDrawn(lines) && / 280 of 300 /.test(lines.at(-3) ?? '') && /^0 of 200 /.test(lines.at(-2) ?? ''),
  );
  expect(wide.at(-3)).toMatch(/^[█░]{60} {2}/);
  expect(program.brokenLines().filter((line) => hasRemains([line]))).toEqual([]);
  program.resize(70);
  const narrow = await program.until(
    (lines) => isDrawn(lines) && /^[█░]{10,42} {2}/.test(lines.at(-3) ?? ''),
  );
  // The bar takes the width that the text leaves, except for the last column.
  expect(narrow.at(-3)).toHaveLength(69);
  expect(narrow.slice(-3).every((line) => line.length < 70)).toBe(true);
  program.type('\u0003');
  await program.until(
    (lines) => isDrawn(lines) && lines.some((line) => /SIGINT: finishing calls in progress/.test(line)),
  );
  program.type('\u0003');
  expect(await program.exit).toBe(130);
  expect(hasRemains(program.lines()), program.lines().join('\n')).toBe(false);
  expect(program.printed).not.toMatch(new RegExp(`${ESCAPE}\\[[\\d;]*m|${ESCAPE}\\[\\?25l`));
});
