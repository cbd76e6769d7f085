import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import {
  DestinationError,
  InvalidDestination,
} from '../../../src/destinations/contract/destination-error.ts';
import { FileDestination } from '../../../src/destinations/files/file-destination.ts';
import { canRunAsSomeone, someone } from '../../support/another-account.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { runProgram } from '../../support/program.ts';
import { all, app, commitAll, finish, newRun, only, resultOf, timelineOf, userIds } from '../samples.ts';
import { beginning, exportDirectory, fileNames, goingOn, startHolder } from './ground.ts';

const OTHER_FILES =
  /but no export of this program; choose a directory that is new, empty, or holds an earlier export$/;
const OTHER_MANIFEST =
  /manifest\.json is not of this program \(expected .*\); choose a new or empty directory$/;

test.each([
  ['a file', async (directory: string) => writeFile(join(directory, 'holiday.jpg'), 'x'), OTHER_FILES],
  [
    'a CSV file without a manifest',
    async (directory: string) => writeFile(join(directory, 'conversations.csv'), 'x'),
    OTHER_FILES,
  ],
  [
    "another program's manifest",
    async (directory: string) => writeFile(join(directory, 'manifest.json'), '{"name":"app"}'),
    OTHER_MANIFEST,
  ],
  [
    'a manifest that is not JSON',
    async (directory: string) => writeFile(join(directory, 'manifest.json'), 'x'),
    OTHER_MANIFEST,
  ],
  ['a directory', async (directory: string) => void (await mkdir(join(directory, 'photos'))), OTHER_FILES],
  ['a hidden file', async (directory: string) => writeFile(join(directory, '.bashrc'), 'x'), OTHER_FILES],
])('a directory that holds %s is refused and left untouched', async (_, fill, message) => {
  const directory = await temporaryDirectory();
  await fill(directory);
  const before = await readdir(directory);
  await expect(FileDestination.open(directory, app)).rejects.toThrow(InvalidDestination);
  await expect(FileDestination.open(directory, app)).rejects.toThrow(message);
  expect(await readdir(directory)).toEqual(before);
});

test('a file in place of the directory is refused in one clear line', async () => {
  const path = join(await temporaryDirectory(), 'file');
  await writeFile(path, 'x');
  for (const directory of [path, join(path, 'below')]) {
    const error = await FileDestination.open(directory, app).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DestinationError);
    expect(String(error)).toMatch(/^DestinationError: cannot write to .*not a directory.*$/);
  }
});

const isRoot = process.getuid?.() === 0;
// Root may write anywhere, so it gives that up first.
test.runIf(!isRoot || canRunAsSomeone)(
  'a directory that may not be written to is refused in one clear line (as root, needs a clone that other accounts reach)',
  async () => {
    const directory = await temporaryDirectory();
    await chmod(directory, 0o555);
    const account = isRoot ? { account: someone } : {};
    const script = resolve(import.meta.dirname, 'holder.mjs');
    const { stdout } = await runProgram([directory], { script, ...account });
    expect(stdout).toMatch(
      /^refused: DestinationError: cannot write to .*permission denied \(EACCES\); give this account the right to write there\n$/,
    );
  },
);

test('only its owner may read an export, or the run at work', async () => {
  const directory = await exportDirectory();
  const modes = async (place: string): Promise<Set<string>> => {
    const found = new Set<string>();
    for (const entry of await readdir(place, { withFileTypes: true })) {
      const { mode } = await stat(join(place, entry.name));
      found.add(`${entry.isDirectory() ? 'directory' : 'file'} ${(mode & 0o777).toString(8)}`);
    }
    return found;
  };
  await beginning(directory, userIds(1), 1, async (run) => {
    await run.commit(resultOf(run, only(await all(run.openChunks(1))), { deferred: ['u1'] }));
    await run.planSecondPass();
    expect(await modes(directory)).toEqual(new Set(['file 600', 'directory 700']));
    expect(await modes(join(directory, '.run'))).toEqual(new Set(['file 600']));
    await commitAll(run, 2);
    await finish(run);
  });
  expect(await modes(directory)).toEqual(new Set(['file 600']));
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
});

test('leftovers of a kill while a run was started or cleared are no obstacle', async () => {
  const directory = await temporaryDirectory();
  for (const name of ['.run-new', '.run-old']) {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, 'plan'), '["u1');
  }
  await beginning(directory, userIds(2), 2, async (run) => {
    expect(only(await all(run.openChunks(1))).userIds).toEqual(['u1', 'u2']);
  });
  expect((await readdir(directory)).sort()).toEqual(['.run']);
});

test('a run that is begun leaves the unfinished one alone until its own plan is durable', async () => {
  const directory = await exportDirectory();
  await beginning(directory, userIds(2), 1, async () => {});
  const failing = {
    *[Symbol.iterator]() {
      yield userIds(3);
      throw new Error('the list broke off');
    },
  };
  const destination = await FileDestination.open(directory, app);
  await expect(destination.begin(newRun(9, 1), failing)).rejects.toThrow('the list broke off');
  await destination.close();
  await goingOn(directory, async (run) => expect(await all(run.openChunks(1))).toHaveLength(2));
});

test('what a killed process committed is found by the next one', async () => {
  const directory = await exportDirectory();
  await beginning(directory, userIds(4), 2, async (run) => {
    await run.commit(resultOf(run, (await all(run.openChunks(1)))[0] ?? only([])));
  });
  const holder = startHolder(directory);
  await holder.waitForLine(/^open$/);
  holder.kill('SIGKILL');
  await holder.exit;
  await goingOn(directory, async (run) => {
    expect(only(await all(run.openChunks(1))).number).toBe(2);
    expect(await readFile(join(directory, '.run/exported_users.csv'), 'utf8')).toMatch(/\nu1,.*\nu2,.*\n$/);
  });
});

test.runIf(process.platform === 'linux')(
  'a directory that cannot be made where its parent is there is refused at once (needs Linux)',
  async () => {
    await expect(FileDestination.open('/proc/chat-export/export', app)).rejects.toThrow(
      /^cannot write to \/proc\/chat-export\/export: it does not exist \(ENOENT\); find out what removed it$/,
    );
  },
);

test('a run whose files are gone is damage, and neither finished nor removed', async () => {
  const directory = await exportDirectory();
  await beginning(directory, userIds(4), 2, async (run) => {
    await run.commit(resultOf(run, (await all(run.openChunks(1)))[0] ?? only([])));
  });
  const first = join(directory, '.run', fileNames[0] ?? '');
  await rm(first);
  const damage = /\.run\/conversations\.csv is missing: run 1 was damaged; start over with --fresh$/;
  await expect(goingOn(directory, async () => {})).rejects.toThrow(damage);
  // The same where it goes away under the run itself.
  await writeFile(first, '');
  await expect(
    beginning(directory, userIds(1), 2, async (run) => {
      await run.commit(resultOf(run, only(await all(run.openChunks(1)))));
      await rm(first);
      await finish(run);
    }),
  ).rejects.toThrow(/\.run\/conversations\.csv is missing: run 2 was damaged/);
  expect(await readdir(join(directory, '.run'))).toContain('exported_users.csv');
});

test('a run keeps why it stopped also where its timeline cannot be kept', async () => {
  const directory = await exportDirectory();
  await beginning(directory, userIds(1), 1, async (run) => {
    await mkdir(join(directory, '.run', 'timelines.json'));
    await run.stop({ stopReason: 'SIGTERM', error: null }, timelineOf(1));
  });
  await goingOn(directory, async () => {});
  const record = await readFile(join(directory, '.run', 'run.json'), 'utf8');
  expect(JSON.parse(record)).toMatchObject({ attempts: 2 });
});

test('a run of a development version is refused, with the format that was expected', async () => {
  const directory = await exportDirectory();
  await beginning(directory, userIds(3), 2, async () => {});
  const path = join(directory, '.run', 'run.json');
  const record = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await writeFile(path, JSON.stringify({ ...record, format: 'tencent-chat-export/1' }));
  await expect(goingOn(directory, async () => {})).rejects.toThrow(
    `${path} is not of this program (expected "format": "tencent-chat-export/2"); choose a new or empty directory`,
  );
});
