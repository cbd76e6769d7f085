import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ListedOption, optionList } from '../../src/config/model/options.ts';
import { runHere } from '../support/command-line.ts';
import { temporaryDirectory } from '../support/directory.ts';
import type { ProgramResult } from '../support/program.ts';
import { SECRET_KEY, type Simulation, startSimulation } from '../support/simulation.ts';

let simulation: Simulation;
let place: string;
beforeAll(async () => {
  simulation = await startSimulation({ users: 5, rate: 1_000 });
});
beforeEach(async () => {
  place = await temporaryDirectory();
});

/** A valid run, all of it in variables, so that any flag can be misused, except for the misused option. */
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

const commandLine = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ProgramResult> => runHere(args, { env, cwd: place });

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

// Wherever a value comes from, it is judged by the same code as a flag's.
const OF_OTHER_SOURCES = 2;

function expectOneLine({ code, stdout, stderr }: ProgramResult, named: string): void {
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
    for (const value of wrongValues(option).slice(0, OF_OTHER_SOURCES)) {
      const result = await commandLine(['run'], { ...env(), [option.variable]: value });
      expectOneLine(result, option.variable);
    }
    expect(await readdir(place)).toEqual([]);
  });

  test('as a key of a job file ends with 2 and one line that names file, line and key', async () => {
    for (const value of wrongValues(option).slice(0, OF_OTHER_SOURCES)) {
      await writeFile(join(place, 'job.yaml'), `# a job\n${option.name}: ${JSON.stringify(value)}\n`);
      // A variable would beat it.
      const { [option.variable]: _, ...others } = env();
      expectOneLine(await commandLine(['run', 'job.yaml'], others), `job.yaml:2 (${option.name})`);
    }
    expect(await readdir(place)).toEqual(['job.yaml']);
  });
});
