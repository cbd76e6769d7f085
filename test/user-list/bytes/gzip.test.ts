import { randomBytes } from 'node:crypto';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { idsOf, listFile, listOf, problemsOf, read } from '../list-file.ts';

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

describe('zeros after the last member are padding', () => {
  const member = gzipSync('a\n');
  // Files are read in pieces of 64 KiB: padding that begins in one and ends in another, and data that ends with a piece.
  const filler = gzipSync(
    randomBytes(60_000)
      .toString('hex')
      .replace(/(.{20})/g, '$1\n'),
    { level: 0 },
  );
  const exact = (bytes: number): Buffer =>
    gzipSync('u\n'.repeat((bytes - 10 - 5 - 8) / 2), { level: constants.Z_NO_COMPRESSION });
  test.each([
    ['one zero', member, 1],
    ['a disk block', member, 512],
    ['many pieces of zeros', member, 10_000_000],
    ['zeros that begin in the second piece', filler, 200_000],
    ['no zeros after data that ends with a piece', Buffer.concat([exact(32_769), exact(32_767)]), 0],
    ['zeros after data that ends with a piece', Buffer.concat([exact(32_769), exact(32_767)]), 70_000],
  ])('%s', async (_, data, zeros) => {
    if (data.length > 60_000 && data !== filler) expect(data.length).toBe(65_536);
    const ids = gunzipSync(data).toString().trimEnd().split('\n');
    expect(await read(Buffer.concat([data, Buffer.alloc(zeros)]))).toEqual(ids);
  });

  test.each<[string, readonly Buffer[]]>([
    ['another member', [Buffer.alloc(100), gzipSync('b\n')]],
    ['another member right after one zero', [Buffer.alloc(1), gzipSync('b\n')]],
    ['another member in another piece', [Buffer.alloc(65_536), gzipSync('b\n')]],
    ['another member where a piece begins', [Buffer.alloc(65_536 - member.length), gzipSync('b\n')]],
    ['one byte at the end of many', [Buffer.alloc(1_000_000), Buffer.from([1])]],
    ['text', [Buffer.alloc(3), Buffer.from('b\n')]],
  ])('but not where %s follows them', async (_, rest) => {
    const problems = await problemsOf(await listFile(Buffer.concat([member, ...rest])));
    expect(problems).toEqual([
      'LIST: the gzip data ends, zeros follow, and then more data; compress the whole list again, as one file',
    ]);
  });
});

test('a second member with a damaged header is refused', async () => {
  for (const at of [0, 1, 2]) {
    const second = gzipSync('b\n');
    second[at] = 0x7f;
    const problems = await problemsOf(await listFile(Buffer.concat([gzipSync('a\n'), second])));
    expect(problems).toEqual(['LIST: the gzip file is damaged']);
  }
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

test('a bad line of a gzipped list is reported by its number in the text', async () => {
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
