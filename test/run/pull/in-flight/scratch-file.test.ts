import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DestinationError } from '../../../../src/destinations/contract/destination-error.ts';
import { ScratchFile } from '../../../../src/run/pull/in-flight/scratch-file.ts';
import { temporaryDirectory } from '../../../support/directory.ts';

test('bytes are read again as they were written, from a file without a name', async () => {
  const directory = await temporaryDirectory();
  const file = new ScratchFile({ directory, onFull: expect.unreachable });
  const pieces = [Buffer.from('one'), Buffer.alloc(300_000, 'x'), Buffer.from('中')];
  const places = pieces.map((piece) => file.write(piece) ?? -1);
  expect(await readdir(directory)).toEqual([]);
  for (const [i, piece] of pieces.entries())
    expect(file.read(places[i] ?? -1, piece.length).equals(piece)).toBe(true);
  file.close();
});

test.runIf(process.platform === 'linux')(
  'the file cannot be read without the process (needs Linux)',
  async () => {
    const directory = await temporaryDirectory();
    const file = new ScratchFile({ directory, onFull: expect.unreachable });
    const pieces = ['user0000001', 'user0000002'].map((text) => Buffer.from(text.repeat(10)));
    const places = pieces.map((piece) => file.write(piece) ?? -1);
    const open = await readdir('/proc/self/fd');
    const links = await Promise.all(open.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    const at = links.findIndex((link) => link.startsWith(join(directory, '.chat-export-pulled-')));
    const content = await readFile(`/proc/self/fd/${open[at]}`);
    expect(content).toHaveLength(220);
    expect(content.includes('user')).toBe(false);
    for (const [i, piece] of pieces.entries()) {
      // From any place on, as a large user is read.
      const read = file.read((places[i] ?? -1) + 33, piece.length - 33);
      expect(read.equals(piece.subarray(33))).toBe(true);
    }
    file.close();
  },
);

test('a full directory is reported once, and nothing is stored there', async () => {
  const directory = join(await temporaryDirectory(), 'gone');
  const reported: string[] = [];
  const file = new ScratchFile({ directory, onFull: (message) => reported.push(message) });
  expect(file.write(Buffer.from('one'))).toBeNull();
  expect(file.write(Buffer.from('two'))).toBeNull();
  expect(reported).toEqual([
    expect.stringMatching(
      `stays in memory, because ${directory} cannot be written: it does not exist \\(ENOENT\\)`,
    ),
  ]);
});

test('what cannot be read again is an error that names the directory and --temp-dir', async () => {
  const directory = await temporaryDirectory();
  const file = new ScratchFile({ directory, onFull: expect.unreachable });
  const place = file.write(Buffer.from('one')) ?? -1;
  expect(() => file.read(place, 4)).toThrow(DestinationError);
  expect(() => file.read(place, 4)).toThrow(`${directory} cannot be read: it ends too soon; choose another`);
  file.close();
});
