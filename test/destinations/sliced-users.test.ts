import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Destination } from '../../src/destinations/contract/destination.ts';
import { FileDestination } from '../../src/destinations/files/file-destination.ts';
import type { FileFormatName } from '../../src/destinations/files/formats/format-name.ts';
import { exportedUsers, rowTables } from '../../src/rows/tables.ts';
import { ScratchFile } from '../../src/run/pull/in-flight/scratch-file.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { type ComparableRows, csvRows, parquetRows, postgresRows } from '../support/rows.ts';
import { PostgresGround } from './postgres/ground.ts';
import { all, app, newRun, only, resultOf, userWith } from './samples.ts';

// Too many for one piece when reading back, and for one batch when writing.
const PEERS = Array.from({ length: 3_000 }, (_, i) => `peer-${i}-${'x'.repeat(600)}`);

/** Commits one user of many conversations, in slices that were moved out of memory where asked for. */
async function exportUser(destination: Destination, { isSliced }: { readonly isSliced: boolean }) {
  const run = await destination.begin(newRun(1, 1), [['user0']]);
  const chunk = only(await all(run.openChunks(1)));
  const scratch = new ScratchFile({ directory: await temporaryDirectory(), onFull: expect.unreachable });
  const slices = isSliced ? [0, 1_000, 2_000].map((from) => PEERS.slice(from, from + 1_000)) : [PEERS];
  const users = slices.map((peers) => userWith('user0', peers));
  const [first = expect.unreachable(), ...others] = users;
  // A group is in the last slice alone, as pulling has it.
  const more = others.map((user) => ({ ...user, contactGroups: [] }));
  const encoded = run.encode(first, more);
  if (isSliced) expect(encoded.moveTo(scratch)).toBe(true);
  const counts = await run.commit({ ...resultOf(run, chunk, { exported: [first] }), exported: [encoded] });
  scratch.close();
  await run.planSecondPass();
  await run.finish();
  await destination.close();
  return counts;
}

const postgres = new PostgresGround();

const tables = [...rowTables, exportedUsers];

const forms: readonly [FileFormatName, typeof csvRows][] = [
  ['csv', csvRows],
  ['csv.gz', csvRows],
  ['parquet', parquetRows],
];

test.each(forms)(
  'a user who is encoded in slices and kept in a file is the same in %s',
  async (format, rowsIn) => {
    const read = async (isSliced: boolean): Promise<ComparableRows[]> => {
      const directory = join(await temporaryDirectory(), 'export');
      await exportUser(await FileDestination.open(directory, app, format), { isSliced });
      return await Promise.all(tables.map((table) => rowsIn(directory, table)));
    };
    const rows = await read(true);
    expect(rows[0]).toHaveLength(PEERS.length);
    expect(JSON.stringify(rows) === JSON.stringify(await read(false))).toBe(true);
  },
);

test('a user who is encoded in slices and kept in a file is the same in PostgreSQL, and unchanged when pulled whole', async () => {
  const [sliced, whole] = [postgres.schema(), postgres.schema()];
  await exportUser(await postgres.open(sliced), { isSliced: true });
  await exportUser(await postgres.open(whole), { isSliced: false });
  const read = (schema: string) =>
    Promise.all(tables.map((table) => postgresRows(postgres.url, table, { schema, sdkAppId: app })));
  const rows = await read(sliced);
  expect(rows[0]).toHaveLength(PEERS.length);
  expect(JSON.stringify(rows) === JSON.stringify(await read(whole))).toBe(true);
  const again = await exportUser(await postgres.open(sliced), { isSliced: false });
  expect(again).toMatchObject({ unchanged: 1, rowsWritten: 0 });
});
