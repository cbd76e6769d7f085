import { spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { expect, test } from 'vitest';
import { listFile } from './list-file.ts';

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

/** The head, and 200 times the piece. */
const endless = (head: Buffer, piece: Buffer): Readable =>
  Readable.from(
    (function* () {
      yield head;
      for (let n = 0; n < 200; n += 1) yield piece;
    })(),
  );

/** Reads a list in a process of its own; its answer is the problems, and the growth of its memory in MiB. */
function readAside(file: string): { problems: string[]; grown: number } {
  const moduleOf = (name: string): string =>
    JSON.stringify(new URL(`../../src/user-list/${name}`, import.meta.url).href);
  const script = `
    import { openListFile } from ${moduleOf('list-file.ts')};
    import { UserList } from ${moduleOf('user-list.ts')};
    const before = process.memoryUsage.rss();
    let most = before;
    const look = () => { most = Math.max(most, process.memoryUsage.rss()); };
    setInterval(look, 5).unref();
    let problems = [];
    const list = new UserList(openListFile(process.argv[1], null), 0);
    try { for await (const _ of list.ids()) look(); } catch (error) { problems = error.problems; }
    look();
    process.stdout.write(JSON.stringify({ problems, grown: (most - before) / 1024 / 1024 }));
  `;
  const options = ['--import', 'tsx', '--input-type=module', '--eval', script, file];
  const { stdout, stderr, status } = spawnSync(process.execPath, options, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { problems: string[]; grown: number };
}

const tooLong = /:1: a user ID has at most 32 bytes/;
const noEnd = /:\d: the row that begins here has over 1 MiB; is a closing quote missing\?/;
const header = Buffer.from('user_id\n');

type Endless = readonly [what: string, file: string, head: Buffer, piece: Buffer, problem: RegExp];

const lists: readonly Endless[] = [
  ['a list of one huge line', 'users.txt', Buffer.alloc(0), MEGABYTE, tooLong],
  ['a CSV of one huge line', 'users.csv', Buffer.alloc(0), MEGABYTE, noEnd],
  ['a CSV with a huge field in quotes', 'users.csv', Buffer.from('user_id\n"'), MEGABYTE, noEnd],
  ['a CSV with a row of countless fields', 'users.csv', header, Buffer.alloc(MEGABYTE.length, ','), noEnd],
  [
    'a CSV of quoted line ends',
    'users.csv',
    Buffer.from('user_id\n"'),
    Buffer.alloc(MEGABYTE.length, '\n'),
    noEnd,
  ],
  ['a CSV of empty lines', 'users.csv', Buffer.alloc(0), Buffer.alloc(4_096, '\n'), /holds no user ID/],
  ['a CSV of zeros', 'users.csv', header, Buffer.alloc(MEGABYTE.length), noEnd],
  ['a list of zeros', 'users.txt', Buffer.alloc(0), Buffer.alloc(MEGABYTE.length), tooLong],
  ['JSON lines of one huge line', 'users.jsonl', Buffer.alloc(0), MEGABYTE, /:1: a line has at most 1 MiB/],
];
// Decompression does not look at the content: huge lines show that it keeps nothing.
const gzipped = lists
  .filter(([, , , piece]) => piece === MEGABYTE)
  .map(([what, file, ...rest]) => [`${what}, gzipped,`, file, ...rest] as const);

test.each([...lists, ...gzipped])(
  '%s is refused without being kept in memory',
  async (what, name, head, piece, problem) => {
    const file = await listFile('', name);
    const packing = what.includes('gzipped') ? [createGzip({ level: 1 })] : [];
    await pipeline([endless(head, piece), ...packing, createWriteStream(file)]);
    const { problems, grown } = readAside(file);
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(grown).toBeLessThan(150);
  },
);
