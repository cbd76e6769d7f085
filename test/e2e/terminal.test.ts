import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/directory.ts';
import { startInTerminal } from '../support/pseudo-terminal.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

const BAR = /^([█░]+) {2}[\d,]+ of [\d,]+ users \(\d+\.\d %\)( · [\d. hmins]+ left)?$/;
const PACE = /^\d+ of 200 calls\/s · [\d,]+ rows( · 2 users failed)?$/;
const WAIT = /^(waiting for|backing off) /;
const ESCAPE = '\u001b';

/** What a run may leave on the screen: log lines, broken or not, and its summary, but nothing of what was drawn. */
const hasRemains = (lines: readonly string[]): boolean =>
  lines.some((line) => /[█░]|calls\/s ·|^waiting|^backing/.test(line));

/** Whether the last lines are those of the progress, drawn once. */
const isDrawn = (lines: readonly string[]): boolean => {
  const [bar = '', pace = '', wait = ''] = lines.slice(-3);
  return BAR.test(bar) && PACE.test(pace) && WAIT.test(wait) && !hasRemains(lines.slice(0, -3));
};

test('in 80 columns, a run draws its progress below its log, and takes it away at the end', async () => {
  const failing = ['user0000010', 'user0000030'].map((user) => ({
    fault: '50002' as const,
    user,
    times: 1_000_000,
  }));
  const simulation = await startSimulation({
    users: 300,
    oddUserIds: 0,
    rate: 1_000,
    script: failing,
    faults: { '50004': 0.1 },
  });
  const to = `csv:${join(await temporaryDirectory(), 'export')}`;
  const { args, env } = runAgainst(simulation, to, '--chunk-size', '20');
  const program = startInTerminal(args, { env, columns: 80 });
  const early = await program.until(isDrawn);
  expect(early.at(-3)).toMatch(/^░+ {2}0 of 300 users \(0\.0 %\)$/);
  const late = await program.until((lines) => isDrawn(lines) && / 2 users failed/.test(lines.at(-2) ?? ''));
  expect(late.at(-3)).toMatch(/^█+░* {2}\d+ of 300 users \(\d+\.\d %\) · [\d.]+ s left$/);
  expect(late.at(-3)?.length).toBeLessThan(80);
  expect(late.at(-3)?.length).toBeGreaterThan(70);
  expect(late.at(-1)).toMatch(/ · [\d,]+ retr(y|ies) \(50004 [\d,]+\)/);
  expect(late.join('')).toContain('user user0000010 was not exported: api_error 50002');
  expect(await program.exit).toBe(3);
  const lines = program.lines();
  expect(hasRemains(lines), lines.join('\n')).toBe(false);
  expect(lines.join('\n')).toMatch(/\nRun 1 of job default is finished, but 2 users failed\n/);
  // Coloured, and with the cursor always to be seen.
  expect(program.printed).toContain(`${ESCAPE}[32m█`);
  expect(program.printed).not.toContain(`${ESCAPE}[?25l`);
});

test('in 140 columns without colour, a narrower terminal and two interrupts leave nothing of what was drawn', async () => {
  // Without an answer, the calls of these are under way until they are given up.
  const script = Array.from({ length: 9 }, (_, i) => ({
    fault: 'stall' as const,
    user: `user000015${i}`,
    times: 1_000_000,
  }));
  const simulation = await startSimulation({ users: 300, oddUserIds: 0, rate: 1_000, script });
  const to = `csv:${join(await temporaryDirectory(), 'export')}`;
  const { args, env } = runAgainst(simulation, to, '--chunk-size', '20');
  const program = startInTerminal(args, { env: { ...env, NO_COLOR: '1' }, columns: 140 });
  // Nobody else is left: nothing is drawn just when the terminal becomes narrower, which the program cannot know yet.
  const wide = await program.until((lines) => isDrawn(lines) && / 280 of 300 /.test(lines.at(-3) ?? ''));
  expect(wide.at(-3)).toMatch(/^[█░]{60} {2}/);
  expect(program.brokenLines().filter((line) => hasRemains([line]))).toEqual([]);
  program.resize(70);
  const narrow = await program.until(
    (lines) => isDrawn(lines) && /^[█░]{10,40} {2}/.test(lines.at(-3) ?? ''),
  );
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
