import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DestinationError } from '../../../../src/destinations/contract/destination-error.ts';
import { readLedger } from '../../../../src/destinations/files/storage/ledger.ts';
import { all, commitAll, finish, resultOf, userIds } from '../../samples.ts';
import { beginning, exportDirectory, fileNames, goingOn, published } from '../ground.ts';

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

/** Changes the lines of a file of the run at work. */
async function changeLines(
  directory: string,
  name: string,
  change: (lines: string[]) => string[],
): Promise<void> {
  const path = join(directory, '.run', name);
  const lines = (await readFile(path, 'utf8')).split(/(?<=\n)/);
  await writeFile(path, change(lines).join(''));
}

test.each<[string, (lines: string[]) => string[], RegExp]>([
  ['is cut short between two lines', ([one = '']) => [one], /plan has 1 of 3 chunks/],
  ['is cut short within a line', ([one = '', two = '']) => [one, two.slice(0, 4)], /plan has 1 of 3 chunks/],
  ['is empty', () => [], /plan has 0 of 3 chunks/],
  ['has a line more', (lines) => [...lines, '["u9"]\n'], /plan has 4 of 3 chunks/],
  ['lacks a user', (lines) => lines.map((line) => line.replace('"u5",', '')), /plan line 3 has 1 of 2 users/],
  [
    'has a line that is no list',
    ([one = '', two = '']) => [one, two, '{}\n'],
    /plan line 3 has no list of 2 users/,
  ],
  [
    'has a line that is no JSON',
    ([one = '', two = '']) => [one, two, '["u5","u\n'],
    /plan line 3 has no list/,
  ],
])('a run whose plan %s ends with an error, and is not finished', async (_, change, said) => {
  const { directory } = await twoOfThree();
  await changeLines(directory, 'plan', change);
  await goingOn(directory, async (run) => {
    const error = await commitAll(run).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DestinationError);
    expect(String(error)).toMatch(said);
    expect(String(error)).toMatch(/it was damaged; start over with --fresh/);
    await run.planSecondPass();
    await expect(run.finish()).rejects.toThrow(/ledger accounts for 3 of 6 users/);
  });
  expect(await published(directory)).toMatchObject({ 'exported_users.csv': null });
});

test('a run whose plan is gone ends with an error of its directory', async () => {
  const { directory } = await twoOfThree();
  await rm(join(directory, '.run/plan'));
  await goingOn(directory, async (run) => {
    await expect(commitAll(run)).rejects.toThrow(/it does not exist \(ENOENT\); find out what removed it/);
  });
});

test('a run whose second plan is cut short ends with an error, and is not finished', async () => {
  const { directory } = await twoOfThree();
  await goingOn(directory, async (run) => {
    await commitAll(run);
    await run.planSecondPass();
  });
  await writeFile(join(directory, '.run/plan-2'), '');
  await goingOn(directory, async (run) => {
    await run.planSecondPass();
    await expect(commitAll(run, 2)).rejects.toThrow(/plan-2 has 0 of 1 chunks: it was damaged/);
    await expect(run.finish()).rejects.toThrow(/ledger accounts for 5 of 6 users/);
  });
});

test.each<[string, (lines: string[]) => string[]]>([
  ['is missing', (lines) => lines.slice(1)],
  ['is there twice', (lines) => [...lines, ...lines.slice(1)]],
])(
  'a run is refused when a line of its ledger %s: its rows would come twice, or be taken for others',
  async (_, change) => {
    const { directory } = await twoOfThree();
    await changeLines(directory, 'ledger', change);
    const error = await goingOn(directory, async () => {}).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DestinationError);
    expect(String(error)).toMatch(/ledger counts \d rows of exported_users, and notes 3: it was damaged/);
  },
);

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
