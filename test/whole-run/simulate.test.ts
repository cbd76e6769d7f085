import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Report } from '../../src/simulator/judge.ts';
import { temporaryDirectory } from '../ground/directory.ts';
import { runProgram, startProgram } from '../ground/program.ts';

test('options of the simulator are flags whose values are YAML, and its report is the result', async () => {
  const truth = join(await temporaryDirectory(), 'truth');
  const program = startProgram([
    ...['simulate', '--truth', truth, '--users', '30', '--clock-offset', '-600'],
    ...['--script', '[{fault: 50004, calls: [9, 9]}, {fault: down, seconds: [0, 3600]}]'],
    ...['--other-calls', '20', '--other-calls-seconds', '[0, 60]', '--unknown-types', '0.5'],
  ]);
  const [, url = ''] = await program.waitForLine(/listening on (\S+), app 1400000000, 30 users/);
  await expect(fetch(url, { method: 'POST', body: '{}' })).rejects.toThrow();
  program.kill();
  const { code, stdout } = await program.exit;
  expect(code).toBe(0);
  expect(JSON.parse(stdout) as Report).toMatchObject({ calls: 1, injected: { down: 1 }, otherCalls: 0 });
  expect(await readdir(truth)).toContain('odd_users.csv');
});

test('what is wrong with its options is told before anything is served, each in one line', async () => {
  const run = await runProgram(['simulate', '--other-calls', 'many', '--script', '[{fault: 5}]']);
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toMatch(/^chat-export: otherCalls: .*\nchat-export: script\.0: expected .*\n$/);
});
