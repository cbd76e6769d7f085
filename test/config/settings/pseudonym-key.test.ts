import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { flags, jobFile, newDirectory, problemsOf, start } from '../job-start.ts';

const KEY = 'a key that has 32 bytes or more: 1';

async function holding(content: string | Buffer): Promise<string> {
  const dir = await newDirectory();
  await writeFile(join(dir, 'pseudonym-key'), content);
  return dir;
}

const named = { ...flags, pseudonymize: 'pseudonym-key' };

describe('the key of pseudonyms', () => {
  test('is the text of its file without the white space around it, and is never shown', async () => {
    const { job, settings } = await start({ cwd: await holding(` ${KEY}\r\n`), flags: named });
    expect(job.rows.pseudonymize?.reveal()).toBe(KEY);
    expect(inspect(job, { depth: null }) + JSON.stringify([job, settings])).not.toContain(KEY);
  });

  test('may be named by a job file, relative to its directory', async () => {
    const { cwd: dir, file } = await jobFile('pseudonymize: keys/pseudonyms\ndrop-free-text: true\n');
    await mkdir(join(dir, 'keys'));
    await writeFile(join(dir, 'keys/pseudonyms'), KEY);
    const { job } = await start({ file: join(dir, file) });
    expect(job.rows).toMatchObject({ dropFreeText: true });
    expect(job.rows.pseudonymize?.reveal()).toBe(KEY);
  });

  test('is not there unless it is asked for', async () => {
    expect((await start()).job.rows).toMatchObject({ pseudonymize: null, dropFreeText: false });
  });

  test.each([
    [
      'x'.repeat(31),
      'the file holds 31 bytes; expected a key of 32 or more, as openssl rand -hex 32 makes it',
    ],
    [' \n', 'the file is blank; expected a key of 32 or more, as openssl rand -hex 32 makes it'],
    [Buffer.from([0xff, ...Buffer.from(KEY)]), 'the file is not UTF-8 text'],
  ])('is refused when it cannot be used, without its content', async (content, sentence) => {
    const problems = await problemsOf({ cwd: await holding(content), flags: named });
    expect(problems).toEqual([`--pseudonymize pseudonym-key: ${sentence}`]);
  });

  test('is refused when the file is missing, and when the key itself stands in its place', async () => {
    const cwd = await newDirectory();
    expect(await problemsOf({ cwd, flags: named })).toEqual([
      '--pseudonymize pseudonym-key: the file does not exist',
    ]);
    const itself = '4f'.repeat(32);
    expect(await problemsOf({ cwd, flags: { ...flags, pseudonymize: itself } })).toEqual([
      '--pseudonymize [hidden]: this looks like the key itself; name a file that holds it',
    ]);
  });
});

test('--retry-failed reads the list where rows hold pseudonyms, and takes its place elsewhere', async () => {
  const cwd = await holding(KEY);
  const database = { ...flags, to: 'postgres://db.example.com/analytics', 'retry-failed': '7' };
  const { job } = await start({ cwd, flags: { ...database, pseudonymize: 'pseudonym-key' } });
  expect(job.users).toMatchObject({ file: join(cwd, 'users.txt'), failedOf: { runId: 7, codes: [] } });
  expect(await problemsOf({ cwd, flags: database })).toEqual([
    '--retry-failed 7 and --users users.txt exclude each other; keep one of them',
  ]);
  const { users: _, ...withoutList } = database;
  expect((await start({ cwd, flags: withoutList })).job.users).toMatchObject({ file: null });
  const problems = await problemsOf({ cwd, flags: { ...withoutList, pseudonymize: 'pseudonym-key' } });
  expect(problems).toEqual([expect.stringMatching(/^users is missing/)]);
});
