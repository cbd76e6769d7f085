import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Report } from '../../src/simulator/service/call-recorder.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram, startProgram } from '../support/program.ts';

test('options of the simulator are flags whose values are YAML, and its report is the result', async () => {
  const expectedDir = join(await temporaryDirectory(), 'expected');
  const program = startProgram([
    ...['simulate', '--expected', expectedDir, '--users', '30', '--clock-offset', '-600'],
    ...['--script', '[{fault: 50004, calls: [9, 9]}, {fault: down, seconds: [0, 3600]}]'],
    ...['--other-calls', '20', '--other-calls-seconds', '[0, 60]', '--unknown-types', '0.5'],
  ]);
  const [, url = ''] = await program.waitForLine(/listening on (\S+), app 1400000000, 30 users/);
  await expect(fetch(url, { method: 'POST', body: '{}' })).rejects.toThrow();
  program.kill();
  const { code, stdout } = await program.exit;
  expect(code).toBe(0);
  expect(JSON.parse(stdout) as Report).toMatchObject({ calls: 1, injected: { down: 1 }, otherCalls: 0 });
  expect(await readdir(expectedDir)).toContain('odd_users.csv');
});

test('invalid options are reported before anything is served, each in one line', async () => {
  const run = await runProgram(['simulate', '--other-calls', 'many', '--script', '[{fault: 5}]']);
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toMatch(/^chat-export: otherCalls: .*\nchat-export: script\.0: expected .*\n$/);
});

test('a file may hold all options, the secret key too, and a flag overrides the file', async () => {
  const file = join(await temporaryDirectory(), 'options.yaml');
  const lines = [
    'users: 7',
    'sdkAppId: 1400000001',
    'secretKey: abc',
    'faults: {50004: 0.5}',
    'stallMs: null',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const program = startProgram(['simulate', '--options', file, '--users', '9', '--day', '2']);
  await program.waitForLine(/listening on \S+, app 1400000001, 9 users/);
  program.kill();
  expect((await program.exit).code).toBe(0);
});

test('a file with options that do not exist is refused, and so is a flag for the key', async () => {
  const file = join(await temporaryDirectory(), 'options.yaml');
  await writeFile(file, 'page-size: 5\nsecretKey: 123\n');
  expect(await runProgram(['simulate', '--options', file])).toMatchObject({
    code: 2,
    stdout: '',
    stderr:
      'chat-export: page-size: the simulator has no such option; write pageSize\n' +
      'chat-export: secretKey: expected text, not the given value (hidden); put the value in quotes in YAML and JSON\n',
  });
  expect(await runProgram(['simulate', '--secret-key', 'abc'])).toMatchObject({ code: 2, stdout: '' });
});
