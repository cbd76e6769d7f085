import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DestinationError } from '../../src/destinations/destination-error.ts';
import { ScratchFile } from '../../src/run/scratch-file.ts';
import { temporaryDirectory } from '../ground/directory.ts';

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

test('a directory that takes no more is told of once, and nothing is kept there', async () => {
  const directory = join(await temporaryDirectory(), 'gone');
  const told: string[] = [];
  const file = new ScratchFile({ directory, onFull: (message) => told.push(message) });
  expect(file.write(Buffer.from('one'))).toBeNull();
  expect(file.write(Buffer.from('two'))).toBeNull();
  expect(told).toEqual([
    expect.stringMatching(`stays in memory, since ${directory} takes no more of it: ENOENT`),
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
