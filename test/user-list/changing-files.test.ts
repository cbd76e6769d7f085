import { execFileSync } from 'node:child_process';
import { appendFile, copyFile, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { UserListError } from '../../src/user-list/user-list-error.ts';
import { idsOf, listFile, listOf } from './list-file.ts';

// Over one piece, so that a reader has seen some of it and not all.
const text = Array.from({ length: 50_000 }, (_, n) => `user-${n * 7919}\n`).join('');

/** The problems of a list that becomes another one when its first IDs have been read. */
async function problemsAfter(
  content: string | Buffer,
  change: (file: string) => Promise<unknown>,
): Promise<string[]> {
  const file = await listFile(content);
  const ids = listOf(file).ids();
  await ids.next();
  await change(file);
  try {
    for await (const _ of ids);
  } catch (error) {
    if (!(error instanceof UserListError)) throw error;
    return error.problems.map((problem) => problem.replaceAll(file, 'LIST'));
  }
  return [];
}

const aside = async (file: string, content: string): Promise<string> => {
  await writeFile(`${file}.new`, content);
  return `${file}.new`;
};

test.each<[string, (file: string) => Promise<unknown>, RegExp]>([
  [
    'cut to nothing',
    (file) => truncate(file),
    /^LIST: the file changed while it was read \(it had \d+ bytes, and has 0 now\)/,
  ],
  [
    'cut at a line end',
    (file) => truncate(file, text.indexOf('\n', 300_000) + 1),
    /^LIST: the file changed while it was read \(it had \d+ bytes, and has 300\d+ now\)/,
  ],
  [
    'longer',
    (file) => appendFile(file, 'one-more\n'),
    /^LIST: the file changed while it was read \(it had \d+ bytes, and has \d+ now\)/,
  ],
  [
    'written again with as many bytes',
    async (file) => {
      await writeFile(file, text.replaceAll('7', '8'));
      await utimes(file, 1, 1);
    },
    /\(it was written to\)/,
  ],
])('a list that is %s while it is read is refused', async (_, change, what) => {
  for (const content of [text, gzipSync(text, { level: 0 })]) {
    const problems = await problemsAfter(content, change);
    expect(problems).toHaveLength(1);
    // Of a gzipped one, the damage may be seen before the change.
    if (content === text) expect(problems[0]).toMatch(what);
  }
});

test.each<[string, (file: string) => Promise<unknown>]>([
  ['replaced by a rename', async (file) => rename(await aside(file, 'another\n'), file)],
  ['removed', (file) => rm(file)],
])('a list that is %s while it is read is read whole', async (_, change) => {
  for (const content of [text, gzipSync(text, { level: 0 })]) {
    const file = await listFile(content);
    const ids: string[] = [];
    for await (const batch of listOf(file).ids()) {
      if (ids.length === 0) await change(file);
      ids.push(...batch);
    }
    expect(`${ids.join('\n')}\n`).toBe(text);
  }
});

test('a list that is only looked at and copied meanwhile is read', async () => {
  expect(
    await problemsAfter(text, async (file) => {
      await readFile(file);
      await copyFile(file, `${file}.copy`);
    }),
  ).toEqual([]);
});

test('a list is read again and again without keeping it open', async () => {
  const file = await listFile('a\n');
  const opened = (): number =>
    Number(execFileSync('sh', ['-c', `ls /proc/${process.pid}/fd | wc -l`], { encoding: 'utf8' }));
  await idsOf(listOf(file));
  const before = opened();
  for (let n = 0; n < 20; n += 1) await idsOf(listOf(file));
  expect(opened()).toBeLessThan(before + 5);
});
