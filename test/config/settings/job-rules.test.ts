import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { env, flags, jobFile, problemsOf, start } from '../job-start.ts';

test('everything that is missing is said at once', async () => {
  expect(await problemsOf({ flags: {}, env: {} })).toEqual([
    'users is missing: give --users FILE|- or --users-sql QUERY, set CHAT_EXPORT_USERS, or write users: FILE|- in the job file',
    'to is missing: give --to DESTINATION, set CHAT_EXPORT_TO, or write to: DESTINATION in the job file',
    expect.stringMatching(
      /^the API's address is missing: give --region REGION \(china, .*\) or --endpoint URL$/,
    ),
    'sdk-app-id is missing: give --sdk-app-id NUMBER, set CHAT_EXPORT_SDK_APP_ID, or write sdk-app-id: NUMBER in the job file',
    expect.stringMatching(/^credentials are missing: /),
  ]);
});

test('what was given but cannot be read is not called missing', async () => {
  const problems = await problemsOf({
    flags: { users: ['a', 'b'], to: '', region: 'x', 'sdk-app-id': 'x', 'secret-key-file': ['a', 'b'] },
    env: {},
  });
  expect(problems).toHaveLength(5);
  expect(problems.join()).not.toContain('missing');
});

describe('region and endpoint', () => {
  test('an endpoint takes the place of a region', async () => {
    const { region: _, ...rest } = flags;
    const { job } = await start({ flags: { ...rest, endpoint: 'https://chat.example.com:8443/' } });
    expect(job.api).toMatchObject({ endpoint: 'https://chat.example.com:8443', region: null });
  });

  test('both from the same place are refused', async () => {
    const [problem] = await problemsOf({ flags: { ...flags, endpoint: 'http://localhost:8080' } });
    expect(problem).toBe(
      'both a region and an endpoint are given (--region singapore and --endpoint http://localhost:8080); keep one of them',
    );
  });

  test('a variable does not beat a file silently', async () => {
    const { region: _, ...rest } = flags;
    const file = await jobFile('region: china\n');
    const variable = { ...env, CHAT_EXPORT_ENDPOINT: 'https://a.example.com' };
    expect(await problemsOf({ ...file, flags: rest, env: variable })).toHaveLength(1);
  });

  test('a flag beats the other one elsewhere', async () => {
    const { region: _, ...rest } = flags;
    const file = await jobFile('region: china\n');
    const local = await start({ ...file, flags: { ...rest, endpoint: 'http://127.0.0.1:9' } });
    expect(local.job.api).toMatchObject({ endpoint: 'http://127.0.0.1:9', region: null });
    const named = await start({ env: { ...env, CHAT_EXPORT_ENDPOINT: 'https://a.example.com' } });
    expect(named.job.api).toMatchObject({ endpoint: null, region: 'singapore' });
  });
});

describe('fresh and resume', () => {
  test('exclude each other', async () => {
    const problems = await problemsOf({
      flags: { ...flags, fresh: true },
      env: { ...env, CHAT_EXPORT_RESUME: '3' },
    });
    expect(problems).toEqual(['--fresh and CHAT_EXPORT_RESUME=3 exclude each other; keep one of them']);
  });
});

describe('prune', () => {
  test('is refused for a part of the list, which says nothing of who is missing from it', async () => {
    const problems = await problemsOf({
      ...(await jobFile('prune: true\n')),
      flags: { ...flags, limit: '3' },
    });
    expect(problems).toEqual([
      expect.stringMatching(/prune.* and --limit 3 exclude each other; keep one of them$/),
    ]);
  });
});

describe('an export to files', () => {
  const export_ = resolve('/srv/export');
  const toFiles = { ...flags, to: `csv:${export_}` };

  test('cannot keep history, and says so', async () => {
    expect(await problemsOf({ flags: { ...toFiles, history: true } })).toEqual([
      '--history: csv:DIR holds the rows of one run; choose a database, or leave it out',
    ]);
  });

  test('has its directory for itself: no page and no metrics in it', async () => {
    const report = join(export_, 'night.html');
    const file = join(export_, 'below', 'night.prom');
    const problems = await problemsOf({ flags: { ...toFiles, report, 'metrics-file': file } });
    expect(problems).toEqual([
      expect.stringMatching(
        /^--report .*night\.html is within the export's own directory; choose another path$/,
      ),
      expect.stringMatching(/^--metrics-file .*night\.prom is within the export's own directory/),
    ]);
    const beside = { report: `${export_}.html`, 'metrics-file': `${export_}.prom` };
    await expect(start({ flags: { ...toFiles, ...beside } })).resolves.toBeDefined();
  });
});

describe('the name of the job', () => {
  test('is the key, else the name of the file, else default', async () => {
    const named = await jobFile('name: warehouse\n');
    const unnamed = await jobFile('rate: 1\n', 'every night.prod.yml');
    expect((await start(named)).job.name).toBe('warehouse');
    expect((await start(unnamed)).job.name).toBe('every night.prod');
    expect((await start()).job.name).toBe('default');
  });

  test('is asked for when the name of the file cannot be one', async () => {
    const file = await jobFile('rate: 1\n', `${'x'.repeat(120)}.yaml`);
    const [problem] = await problemsOf(file);
    expect(problem).toContain("the file's name cannot name the job");
    expect((await start({ ...file, flags: { ...flags, name: 'short' } })).job.name).toBe('short');
  });
});

describe('a schema for a destination that has none', () => {
  test('warns when it is a flag', async () => {
    const { warnings } = await start({ flags: { ...flags, schema: 'chats' } });
    expect(warnings).toEqual(['--schema chats is ignored: csv:DIR has no schema']);
  });

  test('passes in a file, which may serve several destinations', async () => {
    expect((await start(await jobFile('schema: chats\n'))).warnings).toEqual([]);
  });
});
