import { constants, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { idsOf, listFile, listOf, problemsOf, read } from './list-file.ts';

const many = Array.from({ length: 100_000 }, (_, n) => `user-${n * 7919}`);

test('a gzipped list is read like a plain one, whatever its name', async () => {
  expect(await read(gzipSync('a\r\nb'))).toEqual(['a', 'b']);
  expect(await read(gzipSync('\ufeffa\nb\n'))).toEqual(['a', 'b']);
  expect(await read(gzipSync(many.join('\n')))).toEqual(many);
});

test('the members of a gzipped list are one text, wherever they are cut', async () => {
  const members = ['a\nb', 'c\r', '\nd', '', '\n', 'e'].map((text) => gzipSync(text));
  expect(await read(Buffer.concat(members))).toEqual(['a', 'bc', 'd', 'e']);
});

test('zeros behind the last member are padding', async () => {
  expect(await read(Buffer.concat([gzipSync('a\n'), Buffer.alloc(512)]))).toEqual(['a']);
});

test('a gzipped list that is cut short anywhere is refused', async () => {
  const first = gzipSync('a\nb\n');
  const whole = Buffer.concat([first, gzipSync('c\nd\n')]);
  for (let length = 2; length < whole.length; length += 1) {
    if (length === first.length) continue;
    const problems = await problemsOf(await listFile(whole.subarray(0, length)));
    expect(problems, `cut to ${length} bytes`).toEqual(['LIST: the gzip file is cut short']);
  }
});

test('a long gzipped list that is cut short is refused, too', async () => {
  const whole = gzipSync(many.join('\n'), { level: constants.Z_BEST_SPEED });
  const problems = await problemsOf(await listFile(whole.subarray(0, whole.length - 4)));
  expect(problems).toEqual(['LIST: the gzip file is cut short']);
});

test('a gzipped list that is damaged is refused', async () => {
  const damaged = gzipSync(many.join('\n'));
  damaged.fill(0xff, 50_000, 50_100);
  expect(await problemsOf(await listFile(damaged))).toEqual(['LIST: the gzip file is damaged']);
  const wrongSum = gzipSync('a\n');
  wrongSum.writeUInt8(wrongSum.readUInt8(wrongSum.length - 8) ^ 1, wrongSum.length - 8);
  expect(await problemsOf(await listFile(wrongSum))).toEqual(['LIST: the gzip file is damaged']);
  const mixed = Buffer.concat([gzipSync('a\n'), Buffer.from('plain\n')]);
  expect(await problemsOf(await listFile(mixed))).toEqual(['LIST: the gzip file is damaged']);
});

test('a bad line of a gzipped list is told by its number in the text', async () => {
  const problems = await problemsOf(await listFile(gzipSync(`a\nb\n${'x'.repeat(33)}\n`)));
  expect(problems).toEqual([expect.stringMatching(/^LIST:3: /)]);
});

test('a list may be left before its end', async () => {
  const file = await listFile(gzipSync(many.join('\n')));
  for await (const batch of listOf(file).ids()) {
    expect(batch[0]).toBe('user-0');
    break;
  }
  expect(await idsOf(listOf(file))).toHaveLength(many.length);
});
