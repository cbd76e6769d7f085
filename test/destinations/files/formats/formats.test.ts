import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FileDestination } from '../../../../src/destinations/files/file-destination.ts';
import type { FileFormatName } from '../../../../src/destinations/files/formats/format-name.ts';
import { FileArchive } from '../../../../src/destinations/files/read/file-archive.ts';
import { all, app, finish, newRun, resultOf } from '../../samples.ts';
import { exportDirectory } from '../ground.ts';

const users = ['ann', 'bob', 'cat', 'dan'];

/** Commits the chunks of a run of two chunks, `chunks` of them, and ends it when that is all. */
async function exportOnce(directory: string, format: FileFormatName, chunks = 2): Promise<void> {
  const destination = await FileDestination.open(directory, app, format);
  try {
    const last = await destination.lastRun();
    const run =
      last?.status === 'running'
        ? await destination.resume(last)
        : await destination.begin(newRun(users.length, 2), [users]);
    for (const chunk of (await all(run.openChunks(1))).slice(0, chunks))
      await run.commit(resultOf(run, chunk));
    if (chunks === 2) await finish(run);
  } finally {
    await destination.close();
  }
}

const content = async (directory: string, name: string): Promise<string> =>
  gunzipSync(await readFile(join(directory, name))).toString();

test('a compressed file is truncated at its last committed chunk when the run is resumed', async () => {
  const [disturbed, plain] = [await exportDirectory(), await exportDirectory()];
  await exportOnce(disturbed, 'csv.gz', 1);
  for (const name of ['conversations', 'exported_users'])
    await appendFile(join(disturbed, '.run', `${name}.csv`), Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]));
  await exportOnce(disturbed, 'csv.gz');
  await exportOnce(plain, 'csv');
  for (const name of ['conversations', 'exported_users', 'unexported_users'])
    expect(await content(disturbed, `${name}.csv.gz`)).toBe(
      await readFile(join(plain, `${name}.csv`), 'utf8'),
    );
});

/** The content for a reader that stops after the first gzip member, and the bytes that it does not read. */
function firstMember(bytes: Buffer): { readonly text: string; readonly bytesLeft: number } {
  const [start, end] = [10, 8];
  const inflated: unknown = inflateRawSync(bytes.subarray(start), { info: true });
  const { buffer, engine } = inflated as { buffer: Buffer; engine: { bytesWritten: number } };
  return { text: buffer.toString(), bytesLeft: bytes.length - start - engine.bytesWritten - end };
}

test('a compressed file is one member of gzip, also after a resumed run and after an erasure', async () => {
  const directory = await exportDirectory();
  const expectOneMember = async (users: number): Promise<void> => {
    for (const name of ['conversations', 'exported_users', 'unexported_users']) {
      const { text, bytesLeft } = firstMember(await readFile(join(directory, `${name}.csv.gz`)));
      expect(bytesLeft).toBe(0);
      expect(text).toBe(await content(directory, `${name}.csv.gz`));
      expect(text.split('\n')).toHaveLength(name === 'unexported_users' ? 2 : users + 2);
    }
  };
  await exportOnce(directory, 'csv.gz', 1);
  await exportOnce(directory, 'csv.gz');
  await expectOneMember(4);
  const destination = await FileDestination.open(directory, app, 'csv.gz');
  const user = { sdkAppId: app, keyFingerprint: null, name: 'bob', planned: 'bob', asPeer: false };
  await destination.erase(user, { dryRun: false });
  await destination.close();
  await expectOneMember(3);
});

describe.each([
  ['csv', 'csv.gz'],
  ['csv.gz', 'csv'],
] as const)('files of %s, where a later run makes %s', (before, after) => {
  test('are gone when that has finished', async () => {
    const directory = await exportDirectory();
    await exportOnce(directory, before);
    await exportOnce(directory, after);
    const names = (await readdir(directory)).filter((name) => name.includes('.csv'));
    expect(names.length).toBe(5);
    expect(names.every((name) => name.endsWith(`.${after}`))).toBe(true);
    const { file_format: format, files } = JSON.parse(
      await readFile(join(directory, 'manifest.json'), 'utf8'),
    );
    expect([format, Object.keys(files).sort()]).toEqual([after, names.sort()]);
  });

  test('cannot change for an unfinished run', async () => {
    const directory = await exportDirectory();
    await exportOnce(directory, before, 1);
    await expect(exportOnce(directory, after)).rejects.toThrow(
      `run 1 was started with the format ${before}, but this attempt asks for ${after}; give --compress as it was`,
    );
    await exportOnce(directory, before);
  });
});

describe.each([
  ['csv', 'parquet'],
  ['csv.gz', 'parquet'],
  ['parquet', 'csv'],
] as const)('a directory with an export of %s', (before, after) => {
  test.each([1, 2])(`is refused to one of ${after}, after %i of 2 chunks`, async (chunks) => {
    const directory = await exportDirectory();
    await exportOnce(directory, before, chunks);
    await expect(FileDestination.open(directory, app, after)).rejects.toThrow(
      /holds an export of (csv|parquet): files/,
    );
    expect((await FileArchive.open(directory)).name).toBe(`${before.replace('.gz', '')}:${directory}`);
  });
});

test.each(['csv', 'csv.gz', 'parquet'] as const)(
  'a damaged file of %s is reported as such',
  async (format) => {
    const directory = await exportDirectory();
    await exportOnce(directory, format);
    const archive = await FileArchive.open(directory);
    const run = (await archive.runs({ sdkAppId: null, job: null }, 1))[0];
    if (run === undefined) throw new Error('there is no run');
    const wrong = async (): Promise<string[]> =>
      (await all(archive.checks(run)))
        .filter(({ state, subject }) => state === 'differs' && subject.includes(': '))
        .map(({ subject }) => subject);
    expect(await wrong()).toEqual([]);
    const name = format === 'parquet' ? 'exported_users/part-00000.parquet' : `exported_users.${format}`;
    const path = join(directory, name);
    const bytes = await readFile(path);
    await appendFile(path, bytes.subarray(0, 20));
    expect(await wrong()).toEqual(expect.arrayContaining([`${name}: bytes`, `${name}: sha256`]));
  },
);
