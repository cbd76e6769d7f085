import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportedUsers } from '../../src/tables/tables.ts';
import { runHere } from '../ground/command-line.ts';
import { temporaryDirectory } from '../ground/directory.ts';
import { csvRows, parquetRows } from '../ground/rows.ts';
import { runAgainst, startSimulation } from '../ground/simulation.ts';

test.each([
  ['csv', 'exported_users.csv.gz', csvRows],
  ['parquet', 'exported_users/part-00000.parquet', parquetRows],
] as const)(
  'the next run to %s replaces an export whose files were damaged',
  async (scheme, file, rowsOf) => {
    const simulation = await startSimulation({ users: 20, rate: 1_000 });
    const directory = join(await temporaryDirectory(), 'export');
    const compress = scheme === 'csv' ? ['--compress', 'gzip'] : [];
    const { args, env } = runAgainst(simulation, `${scheme}:${directory}`, ...compress);
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
    await writeFile(join(directory, file), 'this is no such file');
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
    expect(await rowsOf(directory, exportedUsers)).toEqual(await csvRows(simulation.truth, exportedUsers));
  },
);
