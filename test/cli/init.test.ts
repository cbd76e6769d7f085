import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fileOptions } from '../../src/cli/commands/init/draft.ts';
import { jobSchema } from '../../src/config/job-schema.ts';
import { jobText } from '../../src/config/job-text.ts';
import type { OptionName } from '../../src/config/model/options.ts';
import { readJob } from '../../src/config/read-job.ts';
import { readJobFile } from '../../src/config/sources/job-file.ts';
import { runHere } from '../support/command-line.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { SECRET_KEY, startSimulation } from '../support/simulation.ts';
import { CTRL_C, DOWN, ENTER, startOnTerminal } from '../support/terminal.ts';

const env = { CHAT_EXPORT_SECRET_KEY: SECRET_KEY };
const ajv = new Ajv2020({ allowUnionTypes: true });
ajv.addKeyword('x-unit');
const isJob = ajv.compile(jobSchema());

let place: string;
beforeEach(async () => {
  place = await temporaryDirectory();
});

const flags = {
  region: 'singapore',
  'sdk-app-id': '1400000000',
  'secret-key-file': 'secret-key',
  users: 'users.txt',
  to: 'csv:export',
  rate: '150',
};

const init = (given: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  runHere(['init', ...args, ...Object.entries(given).flatMap(([name, value]) => [`--${name}`, value])], {
    cwd: place,
  });

/** A text with variables, written without the $ that a linter takes for a mistake. */
const variable = (text: string): string => text.replace('{', '$' + '{');

const written = (name = 'nightly.yaml'): Promise<string> => readFile(join(place, name), 'utf8');

const jobOf = async (name = 'nightly.yaml') =>
  (await readJob({ flags: {}, env, file: name, cwd: place })).job;

describe('init by flags', () => {
  test('writes a job without a question, which is a job by its schema and to the program', async () => {
    expect(await init({ ...flags, 'max-failed-users': '5%' })).toMatchObject({ code: 0, stdout: '' });
    const text = await written();
    isJob(parse(text));
    expect(isJob.errors).toBeNull();
    await writeFile(join(place, 'secret-key'), SECRET_KEY);
    expect((await readJob({ flags: {}, env: {}, file: 'nightly.yaml', cwd: place })).job).toMatchObject({
      name: 'nightly',
      users: { file: join(place, 'users.txt') },
      destination: { kind: 'files', format: 'csv', dir: join(place, 'export') },
      api: { region: 'singapore', sdkAppId: 1400000000, credentials: { kind: 'secretKey' } },
      pull: { rate: 150 },
      guards: { maxFailedUsers: { share: 0.05 } },
      run: { maxDurationMs: null },
    });
  });

  test('takes every key that a job file may hold', async () => {
    const help = (await runHere(['init', '--help'])).stdout;
    expect(fileOptions.filter(({ name }) => !help.includes(`--${name}`))).toEqual([]);
  });

  test('names the flags that are missing, and writes nothing', async () => {
    const { code, stdout, stderr } = await init({});
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const named = ['--region', '--sdk-app-id', '--secret-key-file', '--users', '--to', '--rate'];
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(named.length);
    named.forEach((flag, i) => {
      expect(lines[i]).toContain(flag);
    });
    expect(await readdir(place)).toEqual([]);
  });

  test.each([
    ['own', { rate: 200, maxDurationMs: null }],
    ['shared', { rate: 100, maxDurationMs: 6 * 3_600_000 }],
  ])('--quota %s suggests a rate and a window', async (quota, { rate, maxDurationMs }) => {
    const { rate: _, 'secret-key-file': __, ...others } = flags;
    expect(await init({ ...others, quota }, '--key-in-variable')).toMatchObject({ code: 0 });
    const job = await jobOf();
    expect([job.pull.rate, job.run.maxDurationMs]).toEqual([rate, maxDurationMs]);
  });

  test.each([
    [{ rate: 'fast' }, /^chat-export: --rate fast: expected a number/],
    [{ region: 'atlantis' }, /^chat-export: --region atlantis: expected one of/],
    [{ endpoint: 'https://chat.example.com' }, /--region and --endpoint exclude each other/],
    [{ quota: 'mine' }, /--quota: expected one of own, shared/],
    [{ to: 'postgres://exporter:hush@db/analytics' }, /^chat-export: --to: leave the password out/],
    [
      { to: variable('postgres://exporter:hush@{HOST}/analytics') },
      /^chat-export: --to: leave the password out/,
    ],
    [{ 'users-db': 'postgres://db/crm?password=hush' }, /^chat-export: --users-db: leave the password out/],
    [
      { 'secret-key-file': SECRET_KEY },
      /^chat-export: --secret-key-file \[hidden\]: this looks like the secret/,
    ],
    [{ name: SECRET_KEY }, /^chat-export: --name \[hidden\]: this looks like the secret/],
    [{ 'users-db': 'embedded:' }, /--users-db: the directory is missing/],
    [{ users: variable('{NO GOOD}') }, /--users .*: expected \$\{VARIABLE\}/],
  ])('refuses %j, and writes nothing', async (wrong, message) => {
    const { code, stderr } = await init({ ...flags, ...wrong });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('hush');
    expect(await readdir(place)).toEqual([]);
  });

  test('asks for the database of a query whose rows go into files', async () => {
    const { users: _, ...others } = flags;
    const { code, stderr } = await init({ ...others, 'users-sql': 'select 1' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^chat-export: users-db is missing: [^\n]*\n$/);
  });

  test('overwrites a file only by --force', async () => {
    await writeFile(join(place, 'mine.yaml'), 'rate: 7\n');
    const refused = await init(flags, 'mine.yaml');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^chat-export: mine\.yaml: the file exists; .*--force\n$/);
    expect(await written('mine.yaml')).toBe('rate: 7\n');
    expect(await init(flags, 'mine.yaml', '--force')).toMatchObject({ code: 0 });
    expect(await written('mine.yaml')).toContain('\nrate: 150\n');
  });

  test('says where it cannot write', async () => {
    const { code, stderr } = await init(flags, 'nowhere/nightly.yaml');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'chat-export: nowhere/nightly.yaml: its directory does not exist; create it first\n',
    });
  });

  test('keeps paths where they were meant, in a file elsewhere', async () => {
    const elsewhere = await temporaryDirectory();
    expect(await init(flags, join(elsewhere, 'nightly.yaml'))).toMatchObject({ code: 0 });
    await writeFile(join(place, 'secret-key'), SECRET_KEY);
    const { job } = await readJob({ flags: {}, env: {}, file: 'nightly.yaml', cwd: elsewhere });
    expect(job.users.file).toBe(join(place, 'users.txt'));
    expect(job.destination).toMatchObject({ dir: join(place, 'export') });
  });

  test('writes a variable unchanged, set or not', async () => {
    for (const url of ['{WAREHOUSE_URL}', 'postgres://exporter:{PASSWORD}@db/analytics'].map(variable)) {
      expect(await init({ ...flags, to: url }, '--force')).toMatchObject({ code: 0 });
      expect(await written()).toContain(`\nto: ${url}\n`);
    }
  });

  test('names a schema that is there', async () => {
    await init(flags);
    const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(await written())?.[1] ?? '';
    const path = named.startsWith('file:') ? fileURLToPath(named) : named;
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(jobSchema());
  });

  test('--check ends as check does', async () => {
    const { code, stderr } = await init(flags, '--check');
    expect(code).toBe(2);
    expect(stderr).toMatch(/nightly\.yaml:\d+ \(secret-key-file\): secret-key: the file does not exist/);
  });
});

test('whatever a value holds, the file that is written gives it back', async () => {
  const names = fileOptions.map(({ name }) => name);
  const texts = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.constantFrom(
      'true',
      '007',
      '1.50',
      '5%',
      '- x',
      '#no',
      'a: b',
      '~',
      'select 1\n  from x\n',
      '*x',
      '!y',
      '12e3',
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), texts, { minKeys: 1 }), async (record) => {
      const values = new Map(Object.entries(record) as [OptionName, string][]);
      await writeFile(
        join(place, 'any.yaml'),
        jobText({ file: 'any.yaml', values, comments: new Map(), schema: null }),
      );
      const read = await readJobFile('any.yaml', place);
      expect(read.problems).toEqual([]);
      expect(Object.fromEntries([...read.values].map(([name, { text }]) => [name, text]))).toEqual(record);
    }),
    {
      numRuns: 50,
      examples: ['\u2000', 'x\u00a0', 'x\u2028', 'x\n\n', 'x\r', '\n', 'x\ny\n\n\n', 'x\n ', '\u0085'].map(
        (text): [Record<string, string>] => [{ users: text, 'users-sql': text, ping: text }],
      ),
    },
  );
});

// The `script` of other systems takes other options.
describe.runIf(process.platform === 'linux')('init on a terminal (needs Linux)', () => {
  test('asks what it must know, refuses a wrong answer, and tries the job', async () => {
    const simulation = await startSimulation({ users: 30, rate: 1_000 });
    const terminal = startOnTerminal(['init'], { cwd: place, env: { ...env, NO_COLOR: '1' } });
    await terminal.answer('In which region', DOWN.repeat(7) + ENTER);
    await terminal.answer('Its URL', `${simulation.url}${ENTER}`);
    await terminal.answer('The SDKAppID', `many${ENTER}`);
    await terminal.answer('expected a whole number', `${'\u007f'.repeat(4)}1400000000${ENTER}`);
    await terminal.answer('An admin account', ENTER);
    await terminal.answer('Where is the list', ENTER);
    await terminal.answer('Its file', `${'\u007f'.repeat(9)}${simulation.users}${ENTER}`);
    await terminal.answer('Where do the rows go', DOWN + ENTER);
    await terminal.answer('The directory', ENTER);
    await terminal.answer('Does your back', DOWN + ENTER);
    await terminal.answer('Calls a second', ENTER);
    await terminal.answer('How long may an attempt run', ENTER);
    await terminal.answer('Try it now', ENTER);
    const { code, sent, text } = await terminal.exit;
    expect(text).toContain('A new job file: nightly.yaml.');
    expect(code, text).toBe(0);
    // No colour where NO_COLOR is set.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what sets a colour
    expect(sent).not.toMatch(/\u001b\[[0-9;]*3[0-7]m/);
    expect(await jobOf()).toMatchObject({
      users: { file: simulation.users },
      destination: { kind: 'files', format: 'csv', dir: join(place, 'export') },
      api: { endpoint: simulation.url, sdkAppId: 1400000000, identifier: 'administrator' },
      pull: { rate: 100 },
      run: { maxDurationMs: 6 * 3_600_000 },
    });
    expect(await written()).not.toContain(SECRET_KEY);
  });

  test('left by Ctrl+C, ends with 130 and writes nothing', async () => {
    const terminal = startOnTerminal(['init'], { cwd: place });
    await terminal.answer('In which region', CTRL_C);
    const { code, text } = await terminal.exit;
    expect(code).toBe(130);
    expect(text).toContain('nothing was written');
    expect(await readdir(place)).toEqual([]);
  });
});
