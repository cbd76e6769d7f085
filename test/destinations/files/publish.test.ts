import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunRecord } from '../../../src/destinations/contract/destination.ts';
import { FileDestination } from '../../../src/destinations/files/file-destination.ts';
import { csvFormat } from '../../../src/destinations/files/formats/csv-format.ts';
import { DirectoryLock } from '../../../src/destinations/files/lock/directory-lock.ts';
import { publish } from '../../../src/destinations/files/publish.ts';
import { FileArchive } from '../../../src/destinations/files/read/file-archive.ts';
import { directoryLayout } from '../../../src/destinations/files/storage/layout.ts';
import { wholeDirectory } from '../../support/raw-ids.ts';
import { all, app, finish, newRun, only, resultOf, unexported, userIds, userWith } from '../samples.ts';
import { beginning, exportDirectory, fileNames, goingOn, published } from './ground.ts';

const manifestOf = async (directory: string) =>
  JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8'));

/** One run: all users have one conversation with `peer`. It is finished by default. */
async function exportOnce(directory: string, peer: string, isFinished = true): Promise<void> {
  await beginning(directory, userIds(3), 3, async (run) => {
    const chunk = only(await all(run.openChunks(1)));
    const exported = ['u1', 'u2'].map((userId) => userWith(userId, [peer]));
    const failed = [unexported('u3', 'invalid_page', { error_info: peer })];
    const rows = { conversations: 2, contactGroups: 2, memberships: 2 };
    const counted = { ...rows, failed: 1, failures: { invalid_page: 1 } };
    await run.commit(resultOf(run, chunk, { exported, unexported: failed, counts: counted }));
    if (isFinished) await finish(run);
  });
}

/** The guarantee for readers: the files belong to one run, which the manifest describes. */
async function expectWhole(directory: string, peer: string): Promise<void> {
  const files = await published(directory);
  const manifest = await manifestOf(directory);
  expect(manifest).toMatchObject({
    format: 'tencent-chat-export/2',
    status: 'finished',
    counts: { exported: 2 },
  });
  expect(Object.keys(manifest.files).sort()).toEqual([...fileNames].sort());
  for (const [name, rows] of Object.entries({
    conversations: 2,
    contact_groups: 2,
    memberships: 2,
    exported_users: 2,
    unexported_users: 1,
  })) {
    const text = files[`${name}.csv`] ?? '';
    expect(manifest.files[`${name}.csv`]).toEqual({
      rows,
      bytes: Buffer.byteLength(text),
      sha256: createHash('sha256').update(text).digest('hex'),
    });
    expect(text.split('\n')).toHaveLength(rows + 2);
  }
  expect(files['conversations.csv']).toContain(`c2c_${peer}`);
  expect(files['unexported_users.csv']).toContain(peer);
  expect((await readdir(directory)).sort()).toEqual([...fileNames, 'manifest.json'].sort());
}

/** The directory after each step of publishing the second run over the first. */
async function steps(): Promise<string[]> {
  const directory = await exportDirectory();
  await exportOnce(directory, 'first');
  await exportOnce(directory, 'second', false);
  const places: string[] = [];
  const keep = async (): Promise<void> => {
    const copy = `${directory}-${places.length}`;
    await cp(directory, copy, { recursive: true });
    places.push(copy);
  };
  await keep();
  const done = `${directory}-done`;
  await cp(directory, done, { recursive: true });
  await goingOn(done, (run) => finish(run));
  const run = join(directory, '.run');
  // The manifest as it was being written, and as it was then.
  await writeFile(join(run, 'manifest.json.tmp'), '{"format": "ten');
  await keep();
  await rm(join(run, 'manifest.json.tmp'));
  await cp(join(done, 'manifest.json'), join(run, 'manifest.json'));
  await keep();
  await rm(join(directory, 'manifest.json'));
  await keep();
  for (const name of fileNames) {
    await rename(join(run, name), join(directory, name));
    await keep();
  }
  await rename(join(run, 'manifest.json'), join(directory, 'manifest.json'));
  await keep();
  await rename(run, join(directory, '.run-old'));
  await keep();
  await rm(join(directory, '.run-old/plan'));
  await keep();
  return places;
}

test('a run replaces the files of the one before, with a manifest that lists its files', async () => {
  const directory = await exportDirectory();
  await exportOnce(directory, 'first');
  await expectWhole(directory, 'first');
  expect(await manifestOf(directory)).toMatchObject({ run_id: 1 });
  await exportOnce(directory, 'second');
  await expectWhole(directory, 'second');
  expect(await manifestOf(directory)).toMatchObject({ run_id: 2 });
});

test('a run at work does not touch the files of the run before', async () => {
  const directory = await exportDirectory();
  await exportOnce(directory, 'first');
  const before = await published(directory);
  await exportOnce(directory, 'second', false);
  expect(await published(directory)).toEqual(before);
  expect(await manifestOf(directory)).toMatchObject({ run_id: 1 });
});

test('after a kill at any step of publishing, the next attempt ends with the right files', async () => {
  for (const place of await steps()) {
    const destination = await FileDestination.open(place, app);
    const last = await destination.lastRun();
    expect(last?.runId).toBe(2);
    if (last?.status === 'running') {
      const run = await destination.resume(last);
      expect(await all(run.openChunks(1))).toEqual([]);
      await run.planSecondPass();
      expect(await all(run.openChunks(2))).toEqual([]);
      const finished = await finish(run);
      expect(finished.counts.exported).toBe(2);
      expect(await destination.lastRun()).toEqual(finished);
    }
    await destination.close();
    await expectWhole(place, 'second');
  }
});

test('a kill at any step of publishing and an abandoned run leave the files of one run, and a usable directory', async () => {
  for (const [number, place] of (await steps()).entries()) {
    const destination = await FileDestination.open(place, app);
    const last = await destination.lastRun();
    if (last?.status === 'running') await destination.abandon(last);
    expect(await destination.lastRun()).toMatchObject({ status: 'finished' });
    await destination.close();
    // Before its manifest is written, nothing of the second run is for readers; afterwards all of it is.
    await expectWhole(place, number < 2 ? 'first' : 'second');
    await exportOnce(place, 'third');
    await expectWhole(place, 'third');
  }
});

test('a user is removed from all files after a kill at any step of publishing, and the record agrees', async () => {
  const user = { sdkAppId: app, keyFingerprint: null, name: 'u1', planned: 'u1', asPeer: false };
  for (const [number, place] of (await steps()).entries()) {
    const isPublishing = number >= 2 && number <= 3 + fileNames.length;
    const dryRun = FileDestination.open(place, app).then(async (destination) => {
      await using _ = { [Symbol.asyncDispose]: () => destination.close() };
      return await destination.erase(user, { dryRun: true });
    });
    if (isPublishing) await expect(dryRun).rejects.toThrow(/--dry-run: .* holds the files of two runs/);
    else expect(await dryRun).toMatchObject({ removed: { conversations: 1 } });
    const destination = await FileDestination.open(place, app);
    const erased = await destination.erase(user, { dryRun: false });
    expect(erased).toMatchObject({
      removed: { conversations: 1, exported_users: 1 },
      abandoned: number < 2 ? 2 : null,
    });
    await destination.close();
    expect(await wholeDirectory(place)).not.toMatch(/\bu1\b/);
    const archive = await FileArchive.open(place);
    const run = only(await archive.runs({ sdkAppId: null, job: null }, 5));
    expect(run.record).toMatchObject({
      runId: number < 2 ? 1 : 2,
      counts: { exported: 1, conversations: 1 },
    });
    expect((await all(archive.checks(run))).filter(({ state }) => state !== 'agrees')).toEqual([]);
  }
});

test('while files are being moved there is no manifest', async () => {
  const directory = await exportDirectory();
  await exportOnce(directory, 'first');
  await exportOnce(directory, 'second', false);
  const layout = directoryLayout(directory);
  // Moving stops here: a directory stands where a file has to go.
  await rm(join(directory, 'memberships.csv'));
  await mkdir(join(directory, 'memberships.csv', 'in-the-way'), { recursive: true });
  const record = JSON.parse(await readFile(layout.run.record, 'utf8')) as RunRecord;
  const lock = await DirectoryLock.acquire(layout.lock);
  await expect(publish(layout, lock, csvFormat, { ...record, status: 'finished' }, {})).rejects.toMatchObject(
    {
      code: 'EISDIR',
    },
  );
  await lock.release();
  expect(await readdir(directory)).not.toContain('manifest.json');
  expect(await readFile(join(directory, 'conversations.csv'), 'utf8')).toContain('c2c_second');
  expect(await readFile(join(directory, 'unexported_users.csv'), 'utf8')).toContain('first');
});

test('a run of no users ends in files of headers alone', async () => {
  const directory = await exportDirectory();
  const destination = await FileDestination.open(directory, app);
  const run = await destination.begin(newRun(0, 3), []);
  expect(await all(run.openChunks(1))).toEqual([]);
  await finish(run);
  await destination.close();
  const { files } = await manifestOf(directory);
  for (const name of fileNames) expect(files[name].rows).toBe(0);
  expect((await published(directory))['memberships.csv']).toBe(
    'user_id,sdk_app_id,contact_group_id,conversation_id\n',
  );
});
