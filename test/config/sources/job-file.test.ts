import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JobError } from '../../../src/config/model/job-error.ts';
import { readYamlMap } from '../../../src/config/sources/yaml-map.ts';
import { env, flags, jobFile, newDirectory, problemsOf, start } from '../job-start.ts';

const { users: _u, to: _t, ...others } = flags;

describe('an invalid job file', () => {
  test.each<[string, string | Buffer, string]>([
    ['empty', '', 'nightly.yaml:1: the file is empty'],
    ['only comments', '# nothing\n', 'nightly.yaml:1: the file is empty'],
    ['an empty map', '{}', 'nightly.yaml:1: the file is empty'],
    ['a list', '\n- a\n', 'nightly.yaml:2: expected lines of key: value'],
    ['a word', 'rate\n', 'nightly.yaml:1: expected lines of key: value'],
    [
      'two documents',
      'rate: 1\n---\nrate: 2\n',
      'nightly.yaml:2: expected one document, found a second after ---',
    ],
    [
      'a key twice',
      'rate: 1\nname: x\nrate: 2\n',
      'nightly.yaml:3: rate stands in line 1 already; keep one of them',
    ],
    ['an open quote', 'name: x\nto: "csv:out\n', 'nightly.yaml:3: a quote, a bracket or a comma is missing'],
    [
      'a key that is indented',
      ' name: x\nusers: u.txt\nto: csv:out\n',
      'nightly.yaml:2: YAML does not allow what stands here; keys begin in one column, and a value with : or # is quoted',
    ],
    [
      'a tag',
      'rate: !!js/function "x"\n',
      'nightly.yaml:1: tags (!name) have no meaning here; quote the value',
    ],
    ['a tab', 'a:\n\tb: 1\n', 'nightly.yaml:2: tabs cannot indent; use spaces'],
    ['nested', '['.repeat(100), 'nightly.yaml:1: the values are nested; expected lines of key: value'],
    ['binary', Buffer.from([0, 1, 2, 3]), 'nightly.yaml: the job file is not a text file'],
    ['UTF-16', Buffer.from('\ufeffrate: 1', 'utf16le'), 'nightly.yaml: the job file is not a text file'],
    ['Latin-1', Buffer.from('name: f\u00fc', 'latin1'), 'nightly.yaml: the job file is not UTF-8 text'],
    ['over 1 MB', '#'.repeat(1_048_577), 'nightly.yaml: the job file is longer than 1,048,576 bytes'],
  ])('%s', async (_what, content, problem) => {
    expect(await problemsOf(await jobFile(content))).toEqual([problem]);
  });

  test('missing', async () => {
    expect(await problemsOf({ cwd: await newDirectory(), file: 'no.yaml' })).toEqual([
      'no.yaml: the job file does not exist',
    ]);
  });

  test('a directory', async () => {
    const cwd = await newDirectory();
    await mkdir(join(cwd, 'jobs'));
    expect(await problemsOf({ cwd, file: 'jobs' })).toEqual(['jobs: the job file is a directory']);
  });

  test('a fault of syntax never repeats the file', async () => {
    const [problem] = await problemsOf(await jobFile('to: "postgres://u:hush@db" hush\nx: *hush\n'));
    expect(problem).toContain('nightly.yaml:1: ');
    expect(problem).not.toContain('hush');
  });
});

describe('keys', () => {
  test('an unknown one gets the likely one', async () => {
    const problems = await problemsOf(await jobFile('rtae: 1\nsdkAppId: 2\nfrobnicate: 3\n? [a]\n: 4\n'));
    expect(problems).toEqual([
      'nightly.yaml:1 (rtae): there is no such key; did you mean rate?',
      'nightly.yaml:2 (sdkAppId): there is no such key; did you mean sdk-app-id?',
      'nightly.yaml:3 (frobnicate): there is no such key',
      'nightly.yaml:4 (""): there is no such key',
    ]);
  });

  test('a thousand unknown ones do not bury the rest', async () => {
    const content = Array.from({ length: 1_000 }, (_, index) => `k${index}: 1\n`).join('');
    const problems = await problemsOf(await jobFile(content));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe('and 980 more errors like these');
  });

  test.each(['fresh', 'resume', 'json', 'quiet'])('%s is decided for each attempt', async (name) => {
    expect(await problemsOf(await jobFile(`${name}: 1\n`))).toEqual([
      `nightly.yaml:1 (${name}): is decided for each attempt, not in a job file; use --${name} or CHAT_EXPORT_${name.toUpperCase()}`,
    ]);
  });

  test.each(['secret-key', 'secret_key', 'usersig'])('%s is a secret and has no place here', async (name) => {
    const [problem] = await problemsOf(await jobFile(`${name}: hush\n`));
    expect(problem).toContain('a job file holds no secrets');
    expect(problem).not.toContain('hush');
  });

  test.each(['rate:', 'rate: ~', 'rate: ""', 'rate: [1]', 'rate: {a: 1}'])(
    '%s is not one value',
    async (content) => {
      expect(await problemsOf(await jobFile(content))).toEqual([
        'nightly.yaml:1 (rate): expected one value; give it one, or remove the line',
      ]);
    },
  );
});

describe('values', () => {
  test('may be numbers, booleans, text or an alias of one', async () => {
    const file = await jobFile(
      'rate: 12.50\nconcurrency: "8"\nno-migrate: true\nchunk-size: &n 9\nlimit: *n\nidentifier: 007\n',
    );
    const { job } = await start(file);
    expect(job.pull).toMatchObject({ rate: 12.5, concurrency: 8 });
    expect(job.run).toMatchObject({ migrate: false, chunkSize: 9, limit: 9 });
    expect(job.api.identifier).toBe('007');
  });

  test('a file of Windows, with a byte order mark, is read too', async () => {
    const { job } = await start(await jobFile('\ufeffrate: 5\r\nname: x\r\n'));
    expect(job).toMatchObject({ name: 'x', pull: { rate: 5 } });
  });
});

describe('variables in values', () => {
  const variable = (name: string): string => `$\{${name}}`;

  test('take their place, as text that is then read', async () => {
    const file = await jobFile(
      `rate: ${variable('RATE')}\nusers: ${variable('DIR')}/u-${variable('DAY')}.txt\nto: csv:x\n`,
    );
    const { job } = await start({
      ...file,
      flags: others,
      env: { ...env, RATE: '7', DIR: '/srv', DAY: '3' },
    });
    expect(job.pull.rate).toBe(7);
    expect(job.users.file).toBe('/srv/u-3.txt');
  });

  test('cannot bring YAML or further variables in', async () => {
    const file = await jobFile(`name: ${variable('A')}\n`);
    const { job } = await start({ ...file, env: { ...env, A: `x: {y} # ${variable('B')}` } });
    expect(job.name).toBe(`x: {y} # ${variable('B')}`);
  });

  test('a doubled dollar is a literal one', async () => {
    const { job } = await start(await jobFile(`name: $${variable('RATE')} $1 $$\n`));
    expect(job.name).toBe(`${variable('RATE')} $1 $$`);
  });

  test('one that is not set names key, line and variable', async () => {
    const problems = await problemsOf({
      ...(await jobFile(`\nrate: ${variable('RATE')}\nname: ${variable('EMPTY')}\n`)),
      env: { ...env, EMPTY: '' },
    });
    const advice = `is not set; set it, or write $$\{ for a literal $\{`;
    expect(problems).toEqual([
      `nightly.yaml:2 (rate): the variable RATE ${advice}`,
      `nightly.yaml:3 (name): the variable EMPTY ${advice}`,
    ]);
  });

  test.each(['', '}', 'A B}', 'A:-b}', '9}'])('a reference followed by %j is refused', async (rest) => {
    const [problem] = await problemsOf(await jobFile(`name: 'x$\{${rest}'\n`));
    expect(problem).toContain('nightly.yaml:1 (name): expected ');
  });

  test('the secret ones have no place in another value', async () => {
    const [problem] = await problemsOf(await jobFile(`name: ${variable('CHAT_EXPORT_SECRET_KEY')}\n`));
    expect(problem).toContain('CHAT_EXPORT_SECRET_KEY is read by itself');
  });

  test('what a variable holds is not repeated in a message', async () => {
    const file = await jobFile(`rate: ${variable('HUSH')}\n`);
    const [problem] = await problemsOf({ ...file, env: { ...env, HUSH: 'hunter2' } });
    expect(problem).toContain(`nightly.yaml:1 (rate): ${variable('HUSH')}: expected a number`);
    expect(problem).not.toContain('hunter2');
  });
});

describe('hostile files', () => {
  const many = (count: number, line: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => line(index)).join('\n');

  test.each([
    ['deep block lists', `${'- '.repeat(1_000)}\n`.repeat(100)],
    ['deep maps', many(300, (depth) => `${' '.repeat(depth)}a:`)],
    ['deep flows', 'a: '.concat('{a: '.repeat(20_000))],
    ['a bomb of aliases', `a: &a [x]\n${many(40, (i) => `k${i}: &k${i} [${`*k${i - 1},`.repeat(9)}]`)}`],
    ['many keys', many(20_000, (i) => `k${i}: v`)],
    ['many aliases', `k: &k v\n${many(20_000, (i) => `k${i}: *k`)}`],
  ])(
    '%s are refused in no time',
    async (_what, content) => {
      expect(await problemsOf(await jobFile(content))).not.toEqual([]);
    },
    5_000,
  );

  test('no text crashes the reader', () => {
    const yaml = fc.array(
      fc.constantFrom(
        'a',
        ': ',
        '\n',
        '  ',
        '- ',
        '? ',
        '[',
        ']',
        '{',
        '}',
        '"',
        "'",
        '&a ',
        '*a',
        '!t ',
        '|',
        '>',
        '#',
        '---',
        '\t',
        '%',
        '$',
        '{A}',
        '\\',
        ',',
        'rate',
        '1',
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          yaml.map((parts) => parts.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          const { entries, problems } = readYamlMap(text);
          expect(entries.length + problems.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('no value crashes the job', async () => {
    const { cwd, file } = await jobFile('rate: 1\n');
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.constantFrom(...Object.keys(flags), 'rate', 'timeout', 'name', 'schema', 'endpoint'),
          fc.anything(),
        ),
        fc.string({ unit: 'binary' }),
        async (values, variable) => {
          try {
            await start({
              cwd,
              file,
              flags: values,
              env: { CHAT_EXPORT_TO: variable, CHAT_EXPORT_RATE: variable },
            });
          } catch (error) {
            expect(error).toBeInstanceOf(JobError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
