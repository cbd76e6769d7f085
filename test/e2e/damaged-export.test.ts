import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportedUsers } from '../../src/rows/tables.ts';
import { runHere } from '../support/command-line.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { csvRows, parquetRows } from '../support/rows.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

test.each([
  ['csv', 'exported_users.csv.gz', csvRows],
  ['parquet', 'exported_users/part-00000.parquet', parquetRows],
] as const)(
  'damaged files of %s are reported by show, and replaced by the next run',
  async (scheme, file, rowsOf) => {
    const simulation = await startSimulation({ users: 20, rate: 1_000 });
    const directory = join(await temporaryDirectory(), 'export');
    const compress = scheme === 'csv' ? ['--compress', 'gzip'] : [];
    const { args, env } = runAgainst(simulation, `${scheme}:${directory}`, ...compress);
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
    await writeFile(join(directory, file), 'this is no such file');
    const unexported = join(directory, file.replace('exported_users', 'unexported_users'));
    await writeFile(unexported, 'neither is this');
    expect(
      await runHere(['show', 'last'], { env: { CHAT_EXPORT_TO: `${scheme}:${directory}` } }),
    ).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/^chat-export: .*; it is replaced by the next run that finishes\n$/),
    });
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
    expect(await rowsOf(directory, exportedUsers)).toEqual(
      await csvRows(simulation.expectedDir, exportedUsers),
    );
  },
);
