import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../support/directory.ts';
import { runProgram } from '../../support/program.ts';
import { finish, resultOf, userWith } from '../samples.ts';
import { goingOn, published } from './ground.ts';

const peers = Array.from({ length: 20 }, (_, i) => `a-peer-with-a-rather-long-name-${i}`);

// A limit on the size of files stands for a full disk: a write takes what fits, and the next one fails.
test.skipIf(process.platform === 'win32')(
  'a disk that fills up fails the commit at hand and all that wait, and loses none before (needs ulimit)',
  async () => {
    const directory = join(await temporaryDirectory(), 'export');
    const script = resolve(import.meta.dirname, 'full-disk.mjs');
    const limited = resolve(import.meta.dirname, 'with-small-files.mjs');
    const { stdout, stderr } = await runProgram([script, directory], { script: limited });
    const [, failed, allAfter] = /^(\d+) (true|false)\n/.exec(stdout) ?? [stderr];
    expect(Number(failed)).toBeGreaterThan(0);
    expect(allAfter).toBe('true');
    expect(stdout).toMatch(/\nDestinationError: cannot write to .*EFBIG/);
    await goingOn(directory, async (run) => {
      expect(run.usersDone).toBe(Number(failed));
      for await (const chunk of run.openChunks(1)) {
        await run.commit(
          resultOf(run, chunk, { exported: chunk.userIds.map((userId) => userWith(userId, peers)) }),
        );
      }
      await finish(run);
    });
    const rows = ((await published(directory))['conversations.csv'] ?? '').trimEnd().split('\n').slice(1);
    expect(rows).toHaveLength(60 * 20);
    expect(new Set(rows).size).toBe(60 * 20);
    expect(
      rows.filter((row) => !/^u\d+,1400000001,c2c_a-peer-with-a-rather-long-name-\d+,c2c,/.test(row)),
    ).toEqual([]);
    expect(await readFile(join(directory, 'manifest.json'), 'utf8')).toContain('"rows": 1200');
  },
);
