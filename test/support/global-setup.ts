import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/destinations/embedded/server.ts';
import { debianBinaries, startDebianServer } from './debian-server.ts';
import { makeDirectory, removeDirectory } from './make-directory.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The suite's PostgreSQL servers by major version: connection strings of database `postgres`; null is not installed. */
    postgresUrls: { readonly '18': string; readonly '15': string | null };
  }
}

/** Servers for the whole suite. The returned function stops them, also after failed tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const debian = await debianBinaries('15');
  if (debian === null && process.env.CI)
    throw new Error('CI needs PostgreSQL 15: apt-get install postgresql-15');
  const directory = await makeDirectory();
  const newest = await startLargeServer(join(directory, '18'));
  const oldest = debian === null ? null : await startDebianServer(debian, join(directory, '15'));
  project.provide('postgresUrls', { '18': newest.url, '15': oldest?.url ?? null });
  return async () => {
    await newest.stop();
    await oldest?.stop();
    await removeDirectory(directory);
  };
}

/** A server for the test files that run at the same time: a cluster of this program is made for fewer connections. */
async function startLargeServer(dir: string): Promise<EmbeddedServer> {
  const options = { dir, durable: false };
  await (await startEmbeddedServer(options)).stop();
  await appendFile(join(dir, 'postgresql.conf'), 'max_connections = 200\n');
  return await startEmbeddedServer(options);
}
