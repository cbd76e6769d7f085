import { spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { expect, test } from 'vitest';
import { listFile } from './list-file.ts';

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

const hugeLine = (): Readable =>
  Readable.from(
    (function* () {
      for (let n = 0; n < 300; n += 1) yield MEGABYTE;
    })(),
  );

/** Reads a list in a process of its own; its answer is the problems, and the growth of its memory in MiB. */
function readAside(file: string): { problems: string[]; grown: number } {
  const script = `
    import { readUserList } from ${JSON.stringify(new URL('../../src/users/user-list.ts', import.meta.url).href)};
    const before = process.memoryUsage.rss();
    let most = before;
    const look = () => { most = Math.max(most, process.memoryUsage.rss()); };
    setInterval(look, 5).unref();
    let problems = [];
    try { for await (const _ of readUserList(process.argv[1])); } catch (error) { problems = error.problems; }
    look();
    process.stdout.write(JSON.stringify({ problems, grown: (most - before) / 1024 / 1024 }));
  `;
  const options = ['--import', 'tsx', '--input-type=module', '--eval', script, file];
  const { stdout, stderr, status } = spawnSync(process.execPath, options, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { problems: string[]; grown: number };
}

test('a list of one huge line is refused without being kept in memory', async () => {
  const file = await listFile('');
  await pipeline(hugeLine(), createWriteStream(file));
  const { problems, grown } = readAside(file);
  expect(problems).toEqual([expect.stringMatching(/:1: a user ID has at most 32 bytes/)]);
  expect(grown).toBeLessThan(150);
});

test('nor is one that a small gzip file unpacks to', async () => {
  const file = await listFile('');
  await pipeline(hugeLine(), createGzip({ level: 1 }), createWriteStream(file));
  const { problems, grown } = readAside(file);
  expect(problems).toHaveLength(1);
  expect(grown).toBeLessThan(150);
});
