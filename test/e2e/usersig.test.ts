import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram } from '../support/program.ts';
import { SECRET_KEY, startSimulation } from '../support/simulation.ts';

const env = { CHAT_EXPORT_SECRET_KEY: SECRET_KEY };
const signed = async (...more: string[]): Promise<string> =>
  (await runProgram(['usersig', '--sdk-app-id', '1400000000', ...more], { env })).stdout.trimEnd();

test('a UserSig from the command line is good for a call by hand, and for no longer than asked', async () => {
  const simulation = await startSimulation({ users: 5, oddUserIds: 0 });
  const call = async (userSig: string): Promise<unknown> => {
    const query = `sdkappid=1400000000&identifier=administrator&usersig=${userSig}&random=1&contenttype=json`;
    const response = await fetch(`${simulation.url}/v4/recentcontact/get_contact_group?${query}`, {
      method: 'POST',
      body: JSON.stringify({ From_Account: 'user0000001', StartIndex: 0 }),
    });
    return ((await response.json()) as { ErrorCode: unknown }).ErrorCode;
  };
  expect(await call(await signed())).toBe(0);
  await simulation.change({ maxSigAge: 0 });
  const old = await signed('--lifetime', '1s');
  await expect.poll(() => call(old)).toBe(70001);
});

test('the key comes from a file or a job file as well, and is in no output', async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'key'), `${SECRET_KEY}\n`);
  await writeFile(
    join(cwd, 'job.yaml'),
    'sdk-app-id: 1400000000\nsecret-key-file: key\nrate: not a number\n',
  );
  for (const args of [['--secret-key-file', 'key', '--sdk-app-id', '1'], ['job.yaml']]) {
    const result = await runProgram(['usersig', ...args], { cwd });
    expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/^eJ[\w*-]+\n$/) });
    expect(result.stderr).toMatch(/^valid until 20\d\d-.*Z: until then, it gives full access to app 1/);
    expect(result.stdout + result.stderr).not.toContain(SECRET_KEY);
  }
});

test.each([
  [['--sdk-app-id', '1'], {}, /the secret key is missing/],
  [['--sdk-app-id', '1'], { CHAT_EXPORT_USERSIG: 'eJx' }, /the secret key is missing/],
  [[], env, /sdk-app-id is missing/],
  [['--sdk-app-id', '1', '--lifetime', '200d'], env, /--lifetime 200d: expected a duration from 1s to 180d/],
  [['--sdk-app-id', '1', '--lifetime', '1'], env, /--lifetime 1: the unit is missing/],
])('usersig %j ends with 2 and one line', async (args, variables, pattern) => {
  const result = await runProgram(['usersig', ...args], { env: variables });
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(pattern);
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
});
