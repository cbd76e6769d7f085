import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve, sep } from 'node:path';
import type pg from 'pg';
import { InvalidDestination } from '../../contract/destination-error.ts';

/** Runs a statement of pg-boss. */
export type BossDatabase = {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
};

/** A job that this process has claimed. Both parts together name the claim. */
export type BossClaim = { readonly id: string; readonly retryCount: number };

type Affected = { readonly affected: number; readonly settled?: readonly string[] };
type In = { readonly db?: BossDatabase };

/** The part of pg-boss that a shared run uses (pg-boss 12, "API"). It is an optional package, so its types may be missing. */
export interface Boss {
  on(event: 'error', listener: (error: Error) => void): unknown;
  start(): Promise<unknown>;
  stop(options: { readonly graceful: boolean; readonly close: boolean }): Promise<void>;
  getQueue(name: string): Promise<unknown>;
  createQueue(name: string, options: Readonly<Record<string, unknown>>): Promise<void>;
  insert(
    name: string,
    jobs: readonly { readonly data: object; readonly priority: number }[],
    options: In,
  ): Promise<unknown>;
  fetch<T>(
    name: string,
    options: { readonly batchSize: number; readonly includeMetadata: true },
  ): Promise<(BossClaim & { readonly data: T })[]>;
  touch(name: string, claims: readonly BossClaim[], options: In): Promise<Affected>;
  complete(name: string, claim: BossClaim, data: null, options: In): Promise<Affected>;
  fail(name: string, claim: BossClaim): Promise<Affected>;
  /** Gives away the claims of a queue whose heartbeats are over, unless that was done within `monitorIntervalSeconds`. */
  supervise(name: string): Promise<void>;
}

type BossModule = {
  readonly PgBoss: new (options: Readonly<Record<string, unknown>>) => Boss;
  /** Scripts that create or migrate its tables. Each begins with one transaction. */
  readonly getConstructionPlans: (schema: string, options: { readonly createSchema: boolean }) => string;
  readonly getMigrationPlans: (schema: string, fromVersion: number) => string;
};

/** The installed package. */
export type LoadedBoss = BossModule & {
  readonly version: string;
  /** The version of its tables. */
  readonly schemaVersion: number;
};

/**
 * How to install a release that this program works with. In a clone or an image, which is no package of another project, npm
 * leaves out what is already an optional peer, unless it is named as a peer.
 */
export const INSTALL_PG_BOSS = installCommand(import.meta.dirname);

/** @param here this folder, four levels below that of the program */
export function installCommand(here: string): string {
  const program = resolve(here, '../../../..');
  const inPackages = program.lastIndexOf(`${sep}node_modules${sep}`);
  if (inPackages === -1) return `run in ${program}: npm install --no-save --save-peer pg-boss@12`;
  const project = program.slice(0, inPackages);
  return existsSync(join(project, 'package.json'))
    ? `run in ${project}: npm install pg-boss@12`
    : 'run: npm install --global pg-boss@12';
}

const MIN_MINOR = 38;

/** @throws {InvalidDestination} with the command that installs it, or the release of Node.js that it needs */
export async function loadPgBoss(): Promise<LoadedBoss> {
  const loaded = await importBoss();
  const { version, pgboss } = createRequire(import.meta.url)('pg-boss/package.json') as {
    readonly version: string;
    readonly pgboss: { readonly schema: number };
  };
  const [major, minor = 0] = version.split('.').map(Number);
  if (major !== 12 || minor < MIN_MINOR) {
    throw new InvalidDestination(
      `--share needs pg-boss 12.${MIN_MINOR} or a later 12, and ${version} is installed; ${INSTALL_PG_BOSS}`,
    );
  }
  const { PgBoss, getConstructionPlans, getMigrationPlans } = loaded;
  return { PgBoss, getConstructionPlans, getMigrationPlans, version, schemaVersion: pgboss.schema };
}

async function importBoss(): Promise<BossModule> {
  try {
    return (await import('pg-boss')) as unknown as BossModule;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    throw new InvalidDestination(
      isMissing
        ? `--share needs the package pg-boss, which is not installed; ${INSTALL_PG_BOSS}`
        : `--share needs the package pg-boss, and Node.js ${process.version} cannot load it (${said}); use Node.js 22.12 or later`,
    );
  }
}

/** Runs statements of pg-boss inside the transaction that is open on a connection. */
export const inTransactionOf = (client: pg.ClientBase): BossDatabase => ({
  executeSql: async (text, values) => await client.query(text, values),
});
