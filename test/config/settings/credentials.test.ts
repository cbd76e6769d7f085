import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Job } from '../../../src/config/model/job.ts';
import { flags, jobFile, key, newDirectory, problemsOf, start, userSig } from '../job-start.ts';

const otherKey = key.replaceAll('5', '7');

function revealed({ api: { credentials } }: Job): string {
  return credentials.kind === 'secretKey' ? credentials.secretKey.reveal() : credentials.userSig.reveal();
}

async function holding(files: Record<string, string | Buffer>): Promise<string> {
  const dir = await newDirectory();
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
  return dir;
}

describe('where a secret comes from', () => {
  test('a file, without the white space around it', async () => {
    const cwd = await holding({ key: `  ${key}\r\n`, sig: `${userSig}\n` });
    const byKey = await start({ cwd, env: {}, flags: { ...flags, 'secret-key-file': 'key' } });
    expect(revealed(byKey.job)).toBe(key);
    const bySig = await start({ cwd, env: {}, flags: { ...flags, 'usersig-file': 'sig' } });
    expect(bySig.job.api.credentials.kind).toBe('userSig');
    expect(revealed(bySig.job)).toBe(userSig);
  });

  test('a variable', async () => {
    expect(revealed((await start({ env: { CHAT_EXPORT_USERSIG: userSig } })).job)).toBe(userSig);
    expect(revealed((await start({ env: { CHAT_EXPORT_SECRET_KEY: ` ${key} ` } })).job)).toBe(key);
  });

  test('a path in the job file is relative to the directory of the job file', async () => {
    const { cwd: dir, file } = await jobFile('secret-key-file: key\n');
    await writeFile(join(dir, 'key'), key);
    expect(revealed((await start({ env: {}, file: join(dir, file) })).job)).toBe(key);
  });
});

describe('more than one secret', () => {
  test('a flag decides alone', async () => {
    const cwd = await holding({ key: otherKey, sig: userSig });
    const env = { CHAT_EXPORT_SECRET_KEY: key };
    expect(revealed((await start({ cwd, env, flags: { ...flags, 'usersig-file': 'sig' } })).job)).toBe(
      userSig,
    );
    expect(revealed((await start({ cwd, env, flags: { ...flags, 'secret-key-file': 'key' } })).job)).toBe(
      otherKey,
    );
  });

  test('a variable beats the file when both hold the same kind', async () => {
    const file = await jobFile('secret-key-file: nowhere\n');
    expect(revealed((await start(file)).job)).toBe(key);
  });

  test.each([
    ['both kinds as variables', flags, { CHAT_EXPORT_SECRET_KEY: key, CHAT_EXPORT_USERSIG: userSig }],
    ['both kinds as flags', { ...flags, 'secret-key-file': 'a', 'usersig-file': 'b' }, {}],
    [
      'a variable and the file of a variable',
      flags,
      { CHAT_EXPORT_SECRET_KEY: key, CHAT_EXPORT_SECRET_KEY_FILE: 'a' },
    ],
  ])('%s are refused', async (_what, given, env) => {
    const problems = await problemsOf({ flags: given, env });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/keep one of them$/);
    expect(problems[0]).not.toContain(key);
  });

  test('both kinds in variable and file are refused', async () => {
    const [problem] = await problemsOf(await jobFile('usersig-file: sig\n'));
    expect(problem).toBe(
      'both a secret key and a UserSig are given (CHAT_EXPORT_SECRET_KEY and nightly.yaml:1 (usersig-file): sig); keep one of them',
    );
  });
});

describe('a secret that cannot be used', () => {
  test.each([
    ['missing', 'does not exist'],
    ['dir', 'is a directory'],
    ['long', 'is longer than 65,536 bytes'],
    ['binary', 'is not a text file'],
    ['latin', 'is not UTF-8 text'],
    ['empty', 'the secret key is blank'],
    ['blank', 'the secret key is blank'],
    ['two', 'expected the secret key alone, on one line'],
    ['pem', 'this is a key of the old algorithm (ECDSA); switch the app to HMAC-SHA256'],
    ['sig', 'this looks like a UserSig, not a secret key; use --usersig-file'],
  ])('%s', async (name, sentence) => {
    const cwd = await holding({
      long: 'x'.repeat(65_537),
      binary: Buffer.from([1, 0, 2]),
      latin: Buffer.from([0x66, 0xfc]),
      empty: '',
      blank: ' \n',
      two: `${key}\n${otherKey}`,
      pem: '-----BEGIN PRIVATE KEY-----\nabc\n',
      sig: userSig,
    });
    await mkdir(join(cwd, 'dir'));
    const problems = await problemsOf({ cwd, env: {}, flags: { ...flags, 'secret-key-file': name } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`--secret-key-file ${name}: `);
    expect(problems[0]).toContain(sentence);
    expect(problems[0]).not.toContain(key);
  });

  test('a secret key in the place of a UserSig gets a hint', async () => {
    const [problem] = await problemsOf({ env: { CHAT_EXPORT_USERSIG: key } });
    expect(problem).toContain('CHAT_EXPORT_USERSIG: this looks like a secret key, not a UserSig');
    expect(problem).not.toContain(key);
  });

  test('a UserSig with other characters is refused', async () => {
    const [problem] = await problemsOf({ env: { CHAT_EXPORT_USERSIG: 'a&b=c' } });
    expect(problem).toBe('CHAT_EXPORT_USERSIG: expected the UserSig alone: letters, digits, *, - and _');
  });

  test('the secret itself in the place of its file is recognized and not repeated', async () => {
    const [problem] = await problemsOf({ env: {}, flags: { ...flags, 'secret-key-file': key } });
    expect(problem).toBe(
      '--secret-key-file [hidden]: this looks like the secret itself; name a file that holds it, or set CHAT_EXPORT_SECRET_KEY',
    );
  });
});
