import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { errorText, systemCode, systemHint, systemReason } from '../../src/errors/system-error.ts';
import { temporaryDirectory } from '../support/directory.ts';

let place: string;

beforeAll(async () => {
  place = await temporaryDirectory();
  await writeFile(join(place, 'file'), '');
  await symlink('loop', join(place, 'loop'));
});

const at = (path: string): string => join(place, path);

test.each<[string, () => Promise<unknown>, string, string]>([
  ['a file that is not there', () => readFile(at('none')), 'ENOENT', 'the list does not exist'],
  ['a directory in place of a file', () => readFile(place), 'EISDIR', 'the list is a directory'],
  ['a path below a file', () => readFile(at('file/x')), 'ENOTDIR', 'a part of its path is not a directory'],
  ['a link to itself', () => readFile(at('loop')), 'ELOOP', 'the list is a broken symbolic link'],
  [
    'a long name',
    () => readFile(at('x'.repeat(300))),
    'ENAMETOOLONG',
    'its path, or a name in it, is too long',
  ],
  ['a directory that is there', () => mkdir(place), 'EEXIST', 'the list exists already'],
])('%s is refused in plain words', async (_what, work, code, reason) => {
  const error = await work().catch((thrown: unknown) => thrown);
  expect(systemCode(error)).toBe(code);
  expect(systemReason(error, 'the list')).toBe(reason);
  expect(errorText(error, 'the list')).toBe(`${reason} (${code})`);
});

test('a full disk is told with what to do', () => {
  const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  expect(`${errorText(error)}; ${systemHint(error)}`).toBe('the disk is full (ENOSPC); free some space');
});

test('an error that the table does not know keeps its message', () => {
  const odd = Object.assign(new Error('EXDEV: cross-device link not permitted'), { code: 'EXDEV' });
  expect([systemReason(odd), systemHint(odd), errorText(odd)]).toEqual([null, null, odd.message]);
  const inherited = Object.assign(new Error('odd'), { code: 'constructor' });
  expect([systemReason(inherited), errorText(inherited)]).toEqual([null, 'odd']);
  expect([systemCode('text'), errorText('text')]).toEqual([null, 'text']);
});

test('no other source has words of its own for what the system refuses', async () => {
  const src = resolve(import.meta.dirname, '../../src');
  const paths = (await readdir(src, { recursive: true })).filter((path) => path.endsWith('.ts'));
  const words = /permission denied|disk is full|no space is left|quota is used up|file system is read-only/i;
  const found: string[] = [];
  for (const path of paths) if (words.test(await readFile(join(src, path), 'utf8'))) found.push(path);
  expect(found).toEqual(['errors/system-error.ts']);
});
