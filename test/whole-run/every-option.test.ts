import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { type ListedOption, optionList } from '../../src/job/options.ts';
import { temporaryDirectory } from '../ground/directory.ts';
import { SECRET_KEY, type Simulation, startSimulation } from '../ground/simulation.ts';

let simulation: Simulation;
let place: string;
beforeAll(async () => {
  simulation = await startSimulation({ users: 5, rate: 1_000 });
});
beforeEach(async () => {
  place = await temporaryDirectory();
});

/** A run that would pass, all of it in variables, so that any flag is free to be misused; but for what is misused. */
function passing(misused: string): Record<string, string> {
  const env: Record<string, string> = {
    CHAT_EXPORT_USERS: simulation.users,
    CHAT_EXPORT_ENDPOINT: simulation.url,
    CHAT_EXPORT_SDK_APP_ID: '1400000000',
    CHAT_EXPORT_TO: 'csv:export',
    CHAT_EXPORT_SECRET_KEY: SECRET_KEY,
  };
  // Given beside these, they would be a second thing to complain of.
  if (misused === 'region') delete env.CHAT_EXPORT_ENDPOINT;
  if (misused === 'secret-key-file' || misused === 'usersig-file') delete env.CHAT_EXPORT_SECRET_KEY;
  if (misused === 'users-sql' || misused === 'users-db') delete env.CHAT_EXPORT_USERS;
  if (misused === 'users-db') env.CHAT_EXPORT_USERS_SQL = 'select 1';
  return env;
}

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** The command line itself, in this process: it is given one to run in. */
async function commandLine(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Result> {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') =>
    new Writable({
      write(piece, _, done) {
        written[name] += String(piece);
        done();
      },
    });
  const code = await runCommandLine({
    args,
    env,
    cwd: place,
    input: () => Readable.from([]),
    out: stream('out'),
    err: stream('err'),
    onSignal: () => {},
    endNow: (exitCode) => expect.unreachable(`ended at once with ${exitCode}`),
    obey: (signal) => expect.unreachable(`obeyed ${signal}`),
  });
  return { code, stdout: written.out, stderr: written.err };
}

/** Values that no option of this kind takes. */
function wrongValues(option: ListedOption): string[] {
  switch (option.kind) {
    case 'whole':
    case 'number': {
      const fraction = option.kind === 'whole' ? ['1.5'] : [];
      const tooMuch = option.max < Number.MAX_SAFE_INTEGER ? [String(option.max + 1)] : ['9'.repeat(30)];
      const tooLittle = option.min > 0 ? ['0'] : [];
      return ['many', '-1', '1e3', '0x10', 'NaN', ...fraction, ...tooMuch, ...tooLittle];
    }
    case 'duration':
      return ['5', 'soon', '-1s', '99999d', ...(option.above === undefined ? [] : [option.above])];
    case 'share':
      return ['5', '101%', '-1%', 'half', '%', '1e1%'];
    case 'share-or-number':
      return ['1.5', '101%', '-1', 'half', '9'.repeat(30)];
    case 'choice':
      return ['nonesuch'];
    case 'boolean':
      return ['maybe'];
    case 'path':
    case 'text':
      return ['\u0007', ' '];
  }
}

function expectOneLine({ code, stdout, stderr }: Result, named: string): void {
  expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^chat-export: [^\n]*\n$/);
  expect(stderr).toContain(named);
}

describe.each(optionList)('a misused $name', (option) => {
  const env = () => passing(option.name);
  const flag = `--${option.name}`;

  test('as a flag ends with 2 and one line that names it, with no call and nothing written', async () => {
    const before = (await simulation.report()).calls;
    // A switch takes no value on the command line.
    const wrong =
      option.kind === 'boolean'
        ? [[`${flag}=maybe`]]
        : [
            ...wrongValues(option).map((value) => [`${flag}=${value}`]),
            [flag],
            [`${flag}=`],
            [flag, 'a', flag, 'b'],
          ];
    for (const args of wrong) expectOneLine(await commandLine(['run', ...args], env()), option.name);
    expect((await simulation.report()).calls).toBe(before);
    expect(await readdir(place)).toEqual([]);
  });

  test('as a variable ends with 2 and one line that names it', async () => {
    for (const value of wrongValues(option)) {
      const result = await commandLine(['run'], { ...env(), [option.variable]: value });
      expectOneLine(result, option.variable);
    }
    expect(await readdir(place)).toEqual([]);
  });

  test('as a key of a job file ends with 2 and one line that names file, line and key', async () => {
    for (const value of wrongValues(option)) {
      await writeFile(join(place, 'job.yaml'), `# a job\n${option.name}: ${JSON.stringify(value)}\n`);
      // A variable would beat it.
      const { [option.variable]: _, ...others } = env();
      expectOneLine(await commandLine(['run', 'job.yaml'], others), `job.yaml:2 (${option.name})`);
    }
    expect(await readdir(place)).toEqual(['job.yaml']);
  });
});
