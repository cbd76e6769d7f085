import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DestinationError } from '../../../../src/destinations/contract/destination-error.ts';
import { readLines } from '../../../../src/destinations/files/storage/lines.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { all, userIds } from '../../samples.ts';
import { beginning, exportDirectory } from '../ground.ts';

async function fileOf(content: string): Promise<string> {
  const path = join(await temporaryDirectory(), 'lines');
  await writeFile(path, content);
  return path;
}

test('lines end only at LF, and a rest without one is not a line', async () => {
  const path = await fileOf('a\u2028b\u2029\u0085c\rd\v\f\n\n中𝄞\nrest');
  expect(await all(readLines(path))).toEqual([
    { text: 'a\u2028b\u2029\u0085c\rd\v\f', end: 16 },
    { text: '', end: 17 },
    { text: '中𝄞', end: 25 },
  ]);
  expect(await all(readLines(await fileOf('')))).toEqual([]);
});

test('lines of any length come whole, wherever the file is cut for reading', async () => {
  const lengths = [65_535, 65_536, 0, 65_537, 1, 200_000, 3];
  const lines = lengths.map((length) => '中'.repeat(length).slice(0, length));
  const path = await fileOf(lines.map((line) => `${line}\n`).join(''));
  const read = await all(readLines(path));
  expect(read.map(({ text }) => text.length)).toEqual(lengths);
  expect(read.map(({ text }) => text)).toEqual(lines);
  expect(read.at(-1)?.end).toBe(lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0));
});

test('an error of reading reaches who reads', async () => {
  const directory = await temporaryDirectory();
  await expect(all(readLines(join(directory, 'none')))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(all(readLines(directory))).rejects.toMatchObject({ code: 'EISDIR' });
});

test.runIf(process.platform === 'linux')('a file that is left early is closed (needs Linux)', async () => {
  const path = await fileOf('a\nb\n'.repeat(100_000));
  const open = async () => (await readdir('/proc/self/fd')).length;
  const before = await open();
  for (let round = 0; round < 20; round += 1) {
    for await (const { text } of readLines(path)) if (text === 'b') break;
  }
  expect(await open()).toBeLessThan(before + 10);
});

test('a plan that cannot be read is an error of the destination', async () => {
  const directory = await exportDirectory();
  await beginning(directory, userIds(2), 1, async (run) => {
    await rm(join(directory, '.run/plan'));
    const error = await all(run.openChunks(1)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DestinationError);
    expect(String(error)).toMatch(/it does not exist \(ENOENT\); find out what removed it/);
  });
});
