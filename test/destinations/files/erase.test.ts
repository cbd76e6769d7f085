import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  DestinationError,
  InvalidDestination,
} from '../../../src/destinations/contract/destination-error.ts';
import type { Erased } from '../../../src/destinations/contract/erasure.ts';
import { exists } from '../../../src/destinations/exists.ts';
import { FileDestination } from '../../../src/destinations/files/file-destination.ts';
import { directoryLayout } from '../../../src/destinations/files/storage/layout.ts';
import { addSuppressed, readSuppressed } from '../../../src/destinations/files/storage/suppressed-file.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { wholeDirectory } from '../../support/raw-ids.ts';
import { all, app, finish, only, resultOf, userWith } from '../samples.ts';
import { beginning, exportDirectory, published } from './ground.ts';

const OTHER_APP = 1400000002;
const user = (name: string) => ({ sdkAppId: app, keyFingerprint: null, name, planned: name, asPeer: false });

async function exported(directory: string, users: readonly string[]): Promise<void> {
  await beginning(directory, users, users.length, async (run) => {
    const chunk = only(await all(run.openChunks(1)));
    const rows = users.map((userId) => userWith(userId, ['peer']));
    await run.commit(resultOf(run, chunk, { exported: rows }));
    await finish(run);
  });
}

async function opened<T>(directory: string, work: (to: FileDestination) => Promise<T>, of = app): Promise<T> {
  const destination = await FileDestination.open(directory, of);
  try {
    return await work(destination);
  } finally {
    await destination.close();
  }
}

const erase = (directory: string, name: string, dryRun = false): Promise<Erased> =>
  opened(directory, (destination) => destination.erase(user(name), { dryRun }));

test.each([
  ['a copy of a table', 'conversations.csv.bak'],
  ['a table of another format', 'conversations.csv.gz'],
  ['a file that another program was writing', 'conversations.csv.tmp'],
  ['a directory', 'memberships/part-00000.parquet'],
])('a user is not removed beside %s, and is once that is gone', async (_, name) => {
  const directory = await exportDirectory();
  await exported(directory, ['amy', 'bob']);
  if (name.includes('/')) await mkdir(join(directory, 'memberships'));
  await writeFile(join(directory, name), 'amy');
  const before = await wholeDirectory(directory);
  for (const dryRun of [true, false]) {
    const error = await erase(directory, 'amy', dryRun).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InvalidDestination);
    expect(String(error)).toMatch(
      /holds files that do not belong to its export and may contain the user: (conv|memb).*remove them, and run this command again/,
    );
  }
  expect(await wholeDirectory(directory)).toBe(before);
  await rm(join(directory, name.split('/')[0] ?? ''), { recursive: true });
  expect(await erase(directory, 'amy')).toMatchObject({ removed: { conversations: 1 } });
  expect(await wholeDirectory(directory)).not.toContain('amy');
});

test('a user is not removed from files that are not those of the manifest', async () => {
  const directory = await exportDirectory();
  await exported(directory, ['amy', 'bob']);
  const path = join(directory, 'contact_groups.csv');
  await appendFile(path, '"amy');
  const before = await wholeDirectory(directory);
  const error = await erase(directory, 'bob').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DestinationError);
  expect(String(error)).toMatch(/contact_groups\.csv does not match manifest\.json.*run the export again/);
  await rm(path);
  await expect(erase(directory, 'bob')).rejects.toThrow(/contact_groups\.csv does not match manifest\.json/);
  await writeFile(path, '');
  await expect(erase(directory, 'bob')).rejects.toThrow(/contact_groups\.csv does not match manifest\.json/);
  expect(before).toContain('bob');
  await exported(directory, ['amy', 'bob']);
  expect(await erase(directory, 'bob')).toMatchObject({ removed: { contact_groups: 1 } });
});

test('what a kill left of a file that was to be replaced does not keep a user from being removed', async () => {
  const directory = await exportDirectory();
  await exported(directory, ['amy', 'bob']);
  await erase(directory, 'amy');
  for (const name of await readdir(directory))
    if (name !== 'suppressed.json') await rm(join(directory, name));
  for (const name of ['suppressed', 'manifest', 'timelines'])
    await writeFile(join(directory, `${name}.json.0123456789ab.tmp`), '{"bob');
  expect(await erase(directory, 'bob')).toMatchObject({ removed: { conversations: 0 } });
  expect(await readdir(directory)).toEqual(['suppressed.json']);
});

test('an unfinished run that was to be abandoned for a user is not resumed, and the next run starts', async () => {
  const directory = await exportDirectory();
  const layout = directoryLayout(directory);
  const begun = () => beginning(directory, ['amy', 'bob'], 1, async (run) => run.record);
  const first = await begun();
  // As far as a removal came that was killed.
  await addSuppressed(layout.suppressed, user('amy'), first, async () => {});
  await opened(directory, async (destination) => {
    expect(await destination.lastRun()).toBeNull();
    expect((await destination.suppressed()).has('amy')).toBe(true);
  });
  // It has the number of the first, since nothing is left of that.
  const second = await begun();
  expect(second.runId).toBe(first.runId);
  await opened(directory, async (destination) => {
    expect(await destination.lastRun()).toMatchObject({ runId: second.runId, status: 'running' });
  });
});

test('a run without its record does not count, and an erasure is refused beside it', async () => {
  const directory = await exportDirectory();
  await exported(directory, ['amy', 'bob']);
  await mkdir(join(directory, '.run'));
  await writeFile(join(directory, '.run', 'conversations.csv'), 'amy');
  expect(await erase(directory, 'amy')).toMatchObject({ removed: { conversations: 1 }, abandoned: null });
  expect(await wholeDirectory(directory)).not.toContain('amy');
  expect(await exists(join(directory, '.run'))).toBe(false);
});

test('users of one app are erased in that app alone', async () => {
  const directory = await exportDirectory();
  await exported(directory, ['amy', 'bob']);
  await erase(directory, 'amy');
  // The export is removed, and the record of the erasure stays.
  for (const name of await readdir(directory))
    if (name !== 'suppressed.json') await rm(join(directory, name));
  const has = (of: number) =>
    opened(directory, async (destination) => (await destination.suppressed()).has('amy'), of);
  expect([await has(app), await has(OTHER_APP)]).toEqual([true, false]);
  await opened(
    directory,
    async (destination) => {
      await destination.erase({ ...user('cat'), sdkAppId: OTHER_APP }, { dryRun: false });
      expect((await destination.suppressed()).has('cat')).toBe(true);
      expect(await destination.unsuppress('amy')).toBe(false);
    },
    OTHER_APP,
  );
  await opened(directory, async (destination) => {
    expect((await destination.suppressed()).has('cat')).toBe(false);
    expect(await destination.unsuppress('amy')).toBe(true);
  });
  expect([await has(app), await has(OTHER_APP)]).toEqual([false, false]);
});

test.each([true, false])(
  'a directory with an export of another app is refused (finished: %s)',
  async (isFinished) => {
    const directory = await exportDirectory();
    if (isFinished) await exported(directory, ['amy']);
    else await beginning(directory, ['amy'], 1, async () => {});
    const before = await wholeDirectory(directory);
    await expect(FileDestination.open(directory, OTHER_APP)).rejects.toThrow(
      /holds an export of app 1400000001 \(run 1 of the job "nightly", (finished|running)\), but this job exports app 1400000002; compare --sdk-app-id, choose another directory/,
    );
    expect(await wholeDirectory(directory)).toBe(before);
    expect(await published(directory)).toBeDefined();
  },
);

test('suppressed.json has keys in snake_case, as the manifest has', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'suppressed.json');
  await addSuppressed(path, user('u1'), { runId: 7, startedAt: '2026-11-22T03:00:00Z' }, async () => {});
  const text = await readFile(path, 'utf8');
  const keys = [...text.matchAll(/"(\w+)":/g)].map(([, key = '']) => key);
  expect(keys).toContain('as_peer');
  expect(keys.filter((key) => /[A-Z]/.test(key))).toEqual([]);
  expect((await readSuppressed(path, app)).has('u1')).toBe(true);
  await writeFile(path, text.replace('suppressed/2', 'suppressed/1'));
  await expect(readSuppressed(path, app)).rejects.toThrow(InvalidDestination);
});
