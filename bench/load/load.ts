import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { columnNames } from '../../src/rows/table.ts';
import { rowTables } from '../../src/rows/tables.ts';
import type { Bench, Setting } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import { median, ratioOf } from '../statistics.ts';
import { storeRun } from '../store/store.ts';
import { psql, query, type Server, settle, startServer } from '../support/postgres.ts';

type Reading = {
  readonly rows: number;
  readonly seconds: number;
  readonly wholeSeconds: number;
  readonly cpuSeconds: number;
};

export const load: Bench = {
  name: 'load',
  summary: "rows a second into PostgreSQL on the first run, against psql's \\copy of the same rows",
  run: async (setting) => {
    const { quick, directory, say } = setting;
    await using server = await startServer(directory);
    const rounds = quick ? 2 : 7;
    const users = quick ? 2_000 : 40_000;
    const files = await rowFiles(setting, server, users);
    const { run, copy } = await inTurn<'run' | 'copy', Reading>(
      { run: () => loadedByRun(setting, server, users), copy: () => loadedByCopy(setting, server, files) },
      rounds,
      say,
    );
    const rows = new Set([...run, ...copy].map((reading) => reading.rows));
    if (rows.size !== 1) throw new Error(`not all loaded as many rows: ${[...rows].join(', ')}`);
    const pace = (reading: Reading): number => reading.rows / reading.seconds;
    const [ours, theirs] = [run, copy].map((readings) => Math.round(median(readings.map(pace))));
    const whole = median(run.map(({ wholeSeconds }) => wholeSeconds));
    const chunks = median(run.map(({ seconds }) => seconds));
    const cpu = median(run.map(({ cpuSeconds, seconds }) => cpuSeconds / seconds));
    return {
      figures: [
        {
          what: `rows a second into PostgreSQL, first run, ${[...rows][0]} rows of ${users} users`,
          against: '`psql \\copy` of the same rows into the same empty tables with their keys',
          unit: 'ratio',
          value: ratioOf(run, copy, pace),
          reach: { least: 0.7 },
          detail:
            `${ours} against ${theirs} rows a second; ours has a transaction every 200 users, and the ledger; ` +
            `${cpu.toFixed(2)} of a core is Node.js; with the plan before and the vacuum after, ` +
            `${whole.toFixed(1)} s instead of ${chunks.toFixed(1)} s`,
        },
      ],
    };
  },
};

async function loadedByRun({ profiles }: Setting, server: Server, users: number): Promise<Reading> {
  const url = await server.createDatabase();
  await settle(url);
  const stored = await storeRun({ to: { kind: 'postgres', url }, users, day: 1, changed: 0 }, profiles);
  return {
    rows: await rowsIn(url),
    seconds: stored.chunkSeconds,
    wholeSeconds: stored.seconds,
    cpuSeconds: stored.chunkCpuSeconds,
  };
}

type RowFile = { readonly table: string; readonly columns: string; readonly path: string };

/** The rows of a first run in the three tables, a file each, in their order. */
async function rowFiles({ directory }: Setting, server: Server, users: number): Promise<RowFile[]> {
  const url = await server.createDatabase();
  await storeRun({ to: { kind: 'postgres', url }, users, day: 1, changed: 0 }, null);
  const folder = await mkdtemp(join(directory, 'rows-'));
  const files = rowTables.map((table) => ({
    table: `chat_export.${table.name}`,
    columns: [...columnNames(table), 'last_changed_run'].join(', '),
    path: join(folder, table.name),
  }));
  const script = files.map(
    ({ table, columns, path }) => `\\copy (select ${columns} from ${table} order by ctid) to '${path}'\n`,
  );
  await psql(directory, url, script.join(''));
  return files;
}

async function loadedByCopy(
  { directory }: Setting,
  server: Server,
  files: readonly RowFile[],
): Promise<Reading> {
  const url = await server.createDatabase();
  // The tables, as a run makes them.
  await storeRun({ to: { kind: 'postgres', url }, users: 0, day: 1, changed: 0 }, null);
  await settle(url);
  const script = files.map(({ table, columns, path }) => `\\copy ${table} (${columns}) from '${path}'\n`);
  const seconds = await psql(directory, url, script.join(''));
  return { rows: await rowsIn(url), seconds, wholeSeconds: seconds, cpuSeconds: 0 };
}

async function rowsIn(url: string): Promise<number> {
  const counts = rowTables.map(({ name }) => `(select count(*) from chat_export.${name})`);
  const [row] = await query(url, `select (${counts.join(' + ')})::int as rows`);
  return Number(row?.rows);
}
