import { describe, expect, test } from 'vitest';
import { cwd, env, flags, jobFile, key, problemsOf, start } from './job-start.ts';

describe('what a job is', () => {
  test('defaults fill in missing values', async () => {
    const { job, warnings } = await start();
    expect(warnings).toEqual([]);
    expect(job).toMatchObject({
      name: 'default',
      users: { file: `${cwd}/users.txt` },
      destination: { kind: 'files', format: 'csv', dir: `${cwd}/out` },
      api: { endpoint: null, region: 'singapore', sdkAppId: 1_400_000_000, identifier: 'administrator' },
      pull: {
        rate: 200,
        rateMargin: 'auto',
        concurrency: 64,
        timeoutMs: 10_000,
        maxAttempts: 8,
        maxOutageMs: 1_800_000,
        maxPages: 1_000,
      },
      rows: { unknownItems: 'fail', notInApp: 'keep' },
      run: {
        chunkSize: 200,
        limit: null,
        resumeWithinMs: 72_000_000,
        fresh: false,
        resume: null,
        migrate: true,
        keepRuns: 90,
      },
      output: { json: false, quiet: false, logLevel: 'info', logFormat: 'text' },
    });
    const { credentials } = job.api;
    expect(credentials.kind === 'secretKey' && credentials.secretKey.reveal()).toBe(key);
  });

  test('every flag reaches its place', async () => {
    const { job } = await start({
      flags: {
        ...flags,
        to: 'embedded:db',
        schema: 'chats',
        identifier: 'robot',
        rate: '99.5',
        'rate-margin': '12',
        concurrency: '7',
        timeout: '3500ms',
        'max-attempts': '3',
        'max-outage': '1h30m',
        'max-pages': '9',
        'unknown-items': 'skip',
        'not-in-app': 'remove',
        'chunk-size': '50',
        limit: '10',
        'resume-within': '1d',
        resume: '17',
        'no-migrate': true,
        json: true,
        quiet: true,
        'log-level': 'debug',
        'log-format': 'json',
        name: 'by hand',
      },
    });
    expect(job).toMatchObject({
      name: 'by hand',
      destination: { kind: 'embedded', dir: `${cwd}/db`, schema: 'chats' },
      api: { identifier: 'robot' },
      pull: {
        rate: 99.5,
        rateMargin: 12,
        concurrency: 7,
        timeoutMs: 3_500,
        maxAttempts: 3,
        maxOutageMs: 5_400_000,
        maxPages: 9,
      },
      rows: { unknownItems: 'skip', notInApp: 'remove' },
      run: {
        chunkSize: 50,
        limit: 10,
        resumeWithinMs: 86_400_000,
        fresh: false,
        resume: 17,
        migrate: false,
      },
      output: { json: true, quiet: true, logLevel: 'debug', logFormat: 'json' },
    });
  });

  test('a job is frozen all the way down', async () => {
    const { job } = await start();
    for (const part of [job, job.users, job.destination, job.api, job.api.credentials, job.pull, job.run]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test('users may come from standard input', async () => {
    const { job } = await start({ flags: { ...flags, users: '-' } });
    expect(job.users.file).toBe('-');
  });
});

describe('who decides', () => {
  test('a flag beats a variable, a variable beats the file, the file beats the default', async () => {
    const variable = { ...env, CHAT_EXPORT_RATE: '20' };
    const file = await jobFile('rate: 30\n');
    const rateOf = async (sources: Parameters<typeof start>[0]) => (await start(sources)).job.pull.rate;
    expect(await rateOf({ ...file, env: variable, flags: { ...flags, rate: '10' } })).toBe(10);
    expect(await rateOf({ ...file, env: variable })).toBe(20);
    expect(await rateOf({ ...file })).toBe(30);
    expect(await rateOf({})).toBe(200);
  });

  test('a variable can take back what the file turned on', async () => {
    const file = await jobFile('no-migrate: true\n');
    expect((await start(file)).job.run.migrate).toBe(false);
    expect((await start({ ...file, env: { ...env, CHAT_EXPORT_NO_MIGRATE: 'false' } })).job.run.migrate).toBe(
      true,
    );
  });

  test('an empty variable counts as not set', async () => {
    const { job } = await start({ env: { ...env, CHAT_EXPORT_RATE: '', CHAT_EXPORT_USERSIG: '' } });
    expect(job.pull.rate).toBe(200);
  });

  test('a value that a flag beats is not looked at', async () => {
    const file = await jobFile('rate: abc\nto: postgres://$' + '{WAREHOUSE}\n');
    expect((await start({ ...file, flags: { ...flags, rate: '10' } })).job.pull.rate).toBe(10);
  });

  test('relative paths start where they were written', async () => {
    const file = await jobFile('users: lists/u.txt\nto: csv:export\n');
    const { users: _u, to: _t, ...rest } = flags;
    const inFile = await start({ ...file, cwd: '/', file: `${file.cwd}/${file.file}`, flags: rest });
    expect(inFile.job.users.file).toBe(`${file.cwd}/lists/u.txt`);
    expect(inFile.job.destination).toEqual({ kind: 'files', format: 'csv', dir: `${file.cwd}/export` });
    const inVariable = await start({
      file: `${file.cwd}/${file.file}`,
      flags: rest,
      env: { ...env, CHAT_EXPORT_USERS: 'v.txt' },
    });
    expect(inVariable.job.users.file).toBe(`${cwd}/v.txt`);
  });
});

describe('values that cannot be read', () => {
  test('all are reported at once, each with its place', async () => {
    const file = await jobFile('# comment\nconcurrency: many\n');
    const problems = await problemsOf({
      ...file,
      flags: { ...flags, rate: 'abc' },
      env: { ...env, CHAT_EXPORT_TIMEOUT: '10' },
    });
    expect(problems).toEqual([
      '--rate abc: expected a number from 0.001 to 10000, for example 200',
      'nightly.yaml:2 (concurrency): many: expected a whole number from 1 to 10000, for example 64',
      'CHAT_EXPORT_TIMEOUT=10: the unit is missing; write for example 10s or 10m',
    ]);
  });

  test.each([
    ['a repeated flag', ['1', '2'], '--rate: given twice; give it once'],
    ['a flag without a value', '', '--rate: given without a value; write --rate VALUE'],
    ['NaN', Number.NaN, '--rate: given without a readable value'],
    ['false', false, '--rate: given without a readable value'],
    ['null', null, '--rate: given without a readable value'],
    ['an object', {}, '--rate: given without a readable value'],
    ['true', true, '--rate: given without a value; write --rate VALUE'],
  ])('%s is refused', async (_what, rate, problem) => {
    expect(await problemsOf({ flags: { ...flags, rate } })).toEqual([problem]);
  });

  test('a switch that is turned off by flag is refused, since it is off anyway', async () => {
    const problems = await problemsOf({ flags: { ...flags, quiet: false } });
    expect(problems).toEqual(['--quiet: is off unless given; leave it out']);
  });

  test.each([
    ['rate', '0'],
    ['rate', '-1'],
    ['rate', '10001'],
    ['rate', '1e3'],
    ['rate', '0x10'],
    ['rate', 'Infinity'],
    ['sdk-app-id', '0'],
    ['sdk-app-id', '1.5'],
    ['sdk-app-id', '9007199254740992'],
    ['limit', '0'],
    ['resume', '-3'],
    ['timeout', '3s'],
    ['timeout', '3000ms'],
    ['schema', 'pg_mine'],
    ['schema', 'x'.repeat(64)],
    ['schema', 'a\0b'],
    ['identifier', 'é'.repeat(17)],
    ['region', 'mars'],
    ['name', 'x'.repeat(101)],
    ['name', 'two\nlines'],
    ['name', '\ud800'],
    ['name', '   '],
    ['users', '~/users.txt'],
    ['log-level', 'loud'],
    ['quiet', 'maybe'],
  ])('--%s %j is refused', async (name, value) => {
    const problems = await problemsOf({ flags: { ...flags, [name]: value } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^--${name} `));
  });

  test.each([
    ['rate', '10000'],
    ['rate', '0.5'],
    ['sdk-app-id', '9007199254740991'],
    ['timeout', '3001ms'],
    ['schema', 'x'.repeat(63)],
    ['identifier', 'x'.repeat(32)],
    ['name', '夜'.repeat(100)],
  ])('--%s %s is taken', async (name, value) => {
    expect(await problemsOf({ flags: { ...flags, [name]: value } })).toEqual([]);
  });

  test('the message of a short time-out says why', async () => {
    const [problem] = await problemsOf({ flags: { ...flags, timeout: '2s' } });
    expect(problem).toBe(
      '--timeout 2s: expected a duration over 3s, because the server itself takes up to 3 s before it answers that it timed out',
    );
  });

  test('a mistyped choice gets a suggestion', async () => {
    const [problem] = await problemsOf({ flags: { ...flags, region: 'singapur' } });
    expect(problem).toMatch(/did you mean singapore\?$/);
  });

  test('control characters are escaped and long values are cut', async () => {
    const [escaped] = await problemsOf({ flags: { ...flags, rate: '\u001b[2J\u009b' } });
    expect(escaped).toMatch(/^--rate "\\u001b\[2J\\u009b": /);
    const [cut] = await problemsOf({ flags: { ...flags, rate: 'x'.repeat(1_000) } });
    expect(cut?.length).toBeLessThan(180);
  });
});

describe('variables of no option', () => {
  test('warn with the likely name and without their value', async () => {
    const { warnings } = await start({
      env: { ...env, CHAT_EXPORT_RAET: 'hush', CHAT_EXPORT_X: 'hush', OTHER: '1' },
    });
    expect(warnings).toEqual([
      'CHAT_EXPORT_RAET is not a variable of this program and is ignored; did you mean CHAT_EXPORT_RATE?',
      'CHAT_EXPORT_X is not a variable of this program and is ignored',
    ]);
  });
});
