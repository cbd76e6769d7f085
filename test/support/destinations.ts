import { join } from 'node:path';
import { describe } from 'vitest';
import { readPostmaster } from '../../src/destinations/embedded/postmaster.ts';
import { startEmbeddedServer } from '../../src/destinations/embedded/server.ts';
import type { Table } from '../../src/rows/table.ts';
import { exportedUsers, rowTables } from '../../src/rows/tables.ts';
import { createDatabase } from './database.ts';
import { temporaryDirectory } from './directory.ts';
import { type ComparableRows, csvRows, parquetRows, postgresRows } from './rows.ts';
import { describeServers, type ServerVersion } from './servers.ts';
import { whenOver } from './when-over.ts';

/** A place for an export, and its content. */
export interface TestDestination {
  readonly to: string;
  /** Options for a run into a destination of this kind, beside `to`. */
  readonly options?: readonly string[];
  rows(table: Table): Promise<ComparableRows>;
}

export async function csvDestination(): Promise<TestDestination> {
  const directory = join(await temporaryDirectory(), 'export');
  return { to: `csv:${directory}`, rows: (table) => csvRows(directory, table) };
}

export async function gzipDestination(): Promise<TestDestination> {
  return { ...(await csvDestination()), options: ['--compress', 'gzip'] };
}

export async function parquetDestination(): Promise<TestDestination> {
  const directory = join(await temporaryDirectory(), 'export');
  return { to: `parquet:${directory}`, rows: (table) => parquetRows(directory, table) };
}

export async function postgresDestination(server: ServerVersion = '18'): Promise<TestDestination> {
  const { url } = await createDatabase({ server });
  return { to: url, rows: (table) => postgresRows(url, table) };
}

export async function embeddedDestination(name = 'postgres', parent?: string): Promise<TestDestination> {
  const dir = join(parent ?? (await temporaryDirectory()), name);
  const withServer = async <T>(work: (url: string) => Promise<T>): Promise<T> => {
    const server = await startEmbeddedServer({ dir });
    try {
      return await work(server.url);
    } finally {
      await server.stop();
    }
  };
  // A server that outlived its killed run must not outlive its directory.
  whenOver(async () => {
    if (await readPostmaster(dir)) await withServer(async () => {});
  });
  return { to: `embedded:${dir}`, rows: (table) => withServer((url) => postgresRows(url, table)) };
}

/** Tests for each kind of destination, and for each version of PostgreSQL. */
export function describeDestinations(
  name: string,
  tests: (destinationOf: () => Promise<TestDestination>) => void,
): void {
  describe(`${name} csv`, () => tests(csvDestination));
  describe(`${name} parquet`, () => tests(parquetDestination));
  describe(`${name} embedded`, () => tests(embeddedDestination));
  describeServers(`${name} postgres`, (server) => tests(() => postgresDestination(server)));
}

/** Tests for each kind of destination, where versions of PostgreSQL make no difference. */
export function describeKinds(
  name: string,
  tests: (destinationOf: () => Promise<TestDestination>) => void,
): void {
  describe(`${name} csv`, () => tests(csvDestination));
  describe(`${name} csv by gzip`, () => tests(gzipDestination));
  describe(`${name} parquet`, () => tests(parquetDestination));
  describe(`${name} embedded`, () => tests(embeddedDestination));
  describe(`${name} postgres`, () => tests(postgresDestination));
}

/** The tables whose rows must equal the expected ones, with the rows that only one side has: both empty when equal. */
export async function differences(
  expectedDir: string,
  destination: TestDestination,
): Promise<Record<string, { readonly missing: ComparableRows; readonly surplus: ComparableRows }>> {
  const found: Record<string, { missing: ComparableRows; surplus: ComparableRows }> = {};
  for (const table of [...rowTables, exportedUsers]) {
    const [expected, actual] = [await csvRows(expectedDir, table), await destination.rows(table)];
    if (expected.length === 0)
      throw new Error(`no row of ${table.name} is expected: nothing would be compared`);
    const [expectedSet, actualSet] = [new Set(expected), new Set(actual)];
    const missing = expected.filter((row) => !actualSet.has(row));
    // A row that is there twice is one too many.
    const surplus = actual.filter((row, i) => !expectedSet.has(row) || row === actual[i - 1]);
    if (missing.length + surplus.length > 0) {
      found[table.name] = { missing: missing.slice(0, 5), surplus: surplus.slice(0, 5) };
    }
  }
  return found;
}
