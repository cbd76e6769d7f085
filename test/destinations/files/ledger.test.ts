import { cp, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLedger } from '../../../src/destinations/files/ledger.ts';
import { all, finish, resultOf, userIds } from '../samples.ts';
import { beginning, exportDirectory, fileNames, goingOn, published } from './ground.ts';

/** A run of three chunks of which two are committed; with the length of the ledger after the first. */
async function twoOfThree(): Promise<{
  readonly directory: string;
  readonly first: number;
  readonly ledger: Buffer;
}> {
  const directory = await exportDirectory();
  await beginning(directory, userIds(6), 2, async (run) => {
    for await (const chunk of run.openChunks(1)) {
      if (chunk.number < 3)
        await run.commit(resultOf(run, chunk, { deferred: chunk.number === 2 ? ['u3'] : [] }));
    }
  });
  const ledger = await readFile(join(directory, '.run/ledger'));
  return { directory, first: ledger.indexOf('\n') + 1, ledger };
}

const runFiles = async (directory: string): Promise<string[]> =>
  await Promise.all(fileNames.map((name) => readFile(join(directory, '.run', name), 'utf8')));

test('a last line torn at any byte is a chunk that was not committed, and its rows are cut off', async () => {
  const { directory, first, ledger } = await twoOfThree();
  const whole = await runFiles(directory);
  const afterFirst = whole.map((text) => text.replaceAll(/^u4.*\n/gm, ''));
  expect(afterFirst).not.toEqual(whole);
  const torn = `${directory}-ledger`;
  for (let length = first; length < ledger.length; length += 1) {
    await writeFile(torn, ledger.subarray(0, length));
    expect((await all(readLedger(torn))).map(({ end }) => end)).toEqual([first]);
  }
  const cuts = [first, first + 1, first + 100, ledger.length - 2, ledger.length - 1];
  for (const length of cuts) {
    const torn = `${directory}-${length}`;
    await cp(directory, torn, { recursive: true });
    await truncate(join(torn, '.run/ledger'), length);
    await goingOn(torn, async (run) => {
      expect((await all(run.openChunks(1))).map(({ number }) => number)).toEqual([2, 3]);
      expect(run.usersDone).toBe(2);
      expect(run.record.counts.exported).toBe(2);
    });
    expect(await runFiles(torn)).toEqual(afterFirst);
    expect(await readFile(join(torn, '.run/ledger'))).toEqual(ledger.subarray(0, first));
  }
});

test('rows beyond the ledger are cut off, and the end is as if nothing had happened', async () => {
  const { directory } = await twoOfThree();
  const undisturbed = `${directory}-undisturbed`;
  await cp(directory, undisturbed, { recursive: true });
  for (const name of fileNames) {
    await writeFile(join(directory, '.run', name), 'half a row, "with an open quote', { flag: 'a' });
  }
  await writeFile(join(directory, '.run/ledger'), '{"chunk":3,"us', { flag: 'a' });
  for (const place of [directory, undisturbed]) {
    await goingOn(place, async (run) => {
      for await (const chunk of run.openChunks(1)) await run.commit(resultOf(run, chunk));
      await run.planSecondPass();
      for await (const chunk of run.openChunks(2)) await run.commit(resultOf(run, chunk));
      await finish(run);
    });
  }
  expect(await published(directory)).toEqual(await published(undisturbed));
  expect((await published(directory))['exported_users.csv']?.split('\n')).toHaveLength(6 + 2);
});

test('a file that is shorter than the ledger says is refused rather than filled up', async () => {
  const { directory } = await twoOfThree();
  await truncate(join(directory, '.run/memberships.csv'), 60);
  await expect(goingOn(directory, async () => {})).rejects.toThrow(
    /memberships\.csv is shorter than its ledger/,
  );
});

test('line separators of Unicode in a ledger do not end its lines', async () => {
  const directory = await exportDirectory();
  const users = ['a\u2028b', 'c\u2029d'];
  await beginning(directory, users, 2, async (run) => {
    for await (const chunk of run.openChunks(1)) await run.commit(resultOf(run, chunk, { deferred: users }));
  });
  const path = join(directory, '.run/ledger');
  const [line] = await all(readLedger(path));
  expect(line?.entry.deferred).toEqual(users);
  // Newer versions of Node.js end a line at these characters.
  for (const name of ['plan', 'ledger']) {
    expect(await readFile(join(directory, '.run', name), 'utf8')).not.toMatch(/[\u2028\u2029]/);
  }
});
