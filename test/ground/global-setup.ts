import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedServer } from '../../src/destinations/postgres/embedded-server.ts';
import { makeDirectory, removeDirectory } from './make-directory.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of the suite's one PostgreSQL server, database `postgres`. */
    postgresUrl: string;
  }
}

/** One PostgreSQL server for the whole suite; what is returned stops it, also after failed tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await makeDirectory();
  const server = await startEmbeddedServer({ dir: join(directory, 'postgres'), durable: false });
  project.provide('postgresUrl', server.url);
  return async () => {
    await server.stop();
    await removeDirectory(directory);
  };
}
