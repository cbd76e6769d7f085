import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram } from '../support/program.ts';
import { SECRET_KEY, startSimulation } from '../support/simulation.ts';

const root = resolve(import.meta.dirname, '../..');

/**
 * Runs a program that uses the built package, and returns its output once it ended by itself. A call without an answer
 * outlasts the test: a program that waits for one does not end.
 */
async function runWithPackage(body: string, url: string) {
  const cwd = await temporaryDirectory();
  await mkdir(join(cwd, 'node_modules'));
  await symlink(root, join(cwd, 'node_modules/tencent-chat-export'), 'dir');
  const script = join(cwd, 'program.mjs');
  await writeFile(
    script,
    `import { exportContactGroups, createClient, pullContactGroups } from 'tencent-chat-export';
    const app = { endpoint: '${url}', sdkAppId: 1400000000, secretKey: '${SECRET_KEY}', timeout: '10m' };
    const ids = Array.from({ length: 50 }, (_, i) => 'user' + String(i).padStart(7, '0'));
    ${body}`,
  );
  return await runProgram([], { script, cwd });
}

describe('a program that uses the package ends by itself', () => {
  test.each([
    [
      'after a loop that was left while calls got no answer',
      `for await (const { userId } of pullContactGroups(ids, app)) {
        console.log(userId);
        break;
      }`,
      'user0000000\n',
    ],
    [
      'after a signal in the middle',
      `const abort = new AbortController();
      try {
        for await (const { userId } of pullContactGroups(ids, app, { signal: abort.signal })) {
          console.log(userId);
          setImmediate(() => abort.abort());
        }
      } catch (error) {
        console.log(error.name);
      }`,
      'user0000000\nAbortError\n',
    ],
    [
      'after it closed its client',
      `const client = await createClient(app);
      console.log((await client.pull(ids).next()).value.userId);
      await client.close();`,
      'user0000000\n',
    ],
  ])('%s', async (_, body, stdout) => {
    const simulation = await startSimulation({ users: 100, script: [{ fault: 'stall', calls: [2, 1_000] }] });
    expect(await runWithPackage(body, simulation.url)).toEqual({ code: 0, signal: null, stdout, stderr: '' });
  });

  test('without anything of its own on standard output, standard error or among the signals', async () => {
    const simulation = await startSimulation({ users: 20 });
    const body = `const outcome = await exportContactGroups({ ...app, users: ${JSON.stringify(simulation.users)}, to: 'csv:export' }, {
      onOpened: () => console.log(process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')),
    });
    console.log(outcome.status, process.exitCode);`;
    expect(await runWithPackage(body, simulation.url)).toEqual({
      code: 0,
      signal: null,
      stdout: '0 0\nfinished undefined\n',
      stderr: '',
    });
  });
});
