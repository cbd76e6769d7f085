import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/directory.ts';
import { idsOf, listOf } from './list-file.ts';

test.each([
  ['the writer', 'the reader'],
  ['the reader', 'the writer'],
])('a named pipe is read to its end, where %s comes first and then %s', async (first) => {
  const pipe = join(await temporaryDirectory(), 'users');
  execFileSync('mkfifo', [pipe]);
  const ids = Array.from({ length: 50_000 }, (_, n) => `user-${n * 7919}`);
  const content = gzipSync(ids.join('\n'));
  const steps = [() => writeFile(pipe, content), () => idsOf(listOf(pipe))];
  if (first === 'the reader') steps.reverse();
  const results = await Promise.all(steps.map((step) => step()));
  expect(results.find((result) => result !== undefined)).toEqual(ids);
});
