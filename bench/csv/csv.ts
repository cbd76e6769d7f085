import { chmod, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { columnNames, type Table } from '../../src/rows/table.ts';
import { exportedUsers, rowTables } from '../../src/rows/tables.ts';
import type { Bench, Setting } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import { median, ratioOf } from '../statistics.ts';
import { storeRun } from '../store/store.ts';
import { query, settle, startServer } from '../support/postgres.ts';

type Reading = { readonly rows: number; readonly seconds: number; readonly cpuSeconds: number };

// The rows that a run writes of exported users, and COPY, too.
const tables: readonly Table[] = [...rowTables, exportedUsers];

export const csv: Bench = {
  name: 'csv',
  summary: 'rows a second to CSV files, against COPY … TO files of the same rows',
  run: async (setting) => {
    const { quick, directory, say } = setting;
    await using server = await startServer(directory);
    const users = quick ? 2_000 : 40_000;
    const url = await server.createDatabase();
    await storeRun({ to: { kind: 'postgres', url }, users, day: 1, changed: 0 }, null);
    await settle(url);
    const { run, copy } = await inTurn<'run' | 'copy', Reading>(
      { run: () => writtenByRun(setting, users), copy: () => writtenByCopy(setting, url) },
      quick ? 2 : 7,
      say,
    );
    const rows = new Set([...run, ...copy].map((reading) => reading.rows));
    if (rows.size !== 1) throw new Error(`not all wrote as many rows: ${[...rows].join(', ')}`);
    const pace = (reading: Reading): number => reading.rows / reading.seconds;
    const [ours, theirs] = [run, copy].map((readings) => Math.round(median(readings.map(pace))));
    const cpu = median(run.map(({ cpuSeconds, seconds }) => cpuSeconds / seconds));
    return {
      figures: [
        {
          what: `rows a second to CSV, ${[...rows][0]} rows of ${users} users`,
          against: '`COPY … TO` files of the same rows, by the server',
          unit: 'ratio',
          value: ratioOf(run, copy, pace),
          reach: { least: 0.14 },
          detail:
            `${ours} against ${theirs} rows a second; ours makes every 200 users durable, COPY nothing; ` +
            `${cpu.toFixed(2)} of a core is busy`,
        },
      ],
    };
  },
};

async function writtenByRun({ directory, profiles }: Setting, users: number): Promise<Reading> {
  const dir = join(await mkdtemp(join(directory, 'csv-')), 'export');
  const stored = await storeRun({ to: { kind: 'csv', dir }, users, day: 1, changed: 0 }, profiles);
  return { rows: stored.rows + users, seconds: stored.chunkSeconds, cpuSeconds: stored.chunkCpuSeconds };
}

async function writtenByCopy({ directory }: Setting, url: string): Promise<Reading> {
  const folder = await mkdtemp(join(directory, 'copy-'));
  // The server writes, under an account of its own.
  await chmod(folder, 0o777);
  const counts = tables.map(({ name }) => `(select count(*) from chat_export.${name})`);
  const [row] = await query(url, `select (${counts.join(' + ')})::int as rows`);
  const statements = tables.map(
    (table) =>
      `copy (select ${columnNames(table).join(', ')} from chat_export.${table.name}) ` +
      `to '${join(folder, table.name)}.csv' (format csv, header)`,
  );
  const began = performance.now();
  await query(url, statements.join(';'));
  return { rows: Number(row?.rows), seconds: (performance.now() - began) / 1000, cpuSeconds: 0 };
}
