import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedServer } from '../../src/destinations/embedded/server.ts';
import { makeDirectory, removeDirectory } from '../support/make-directory.ts';

/** One PostgreSQL, the newest: a second version would double the cost of each mutant. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await makeDirectory();
  const newest = await startEmbeddedServer({ dir: join(directory, '18'), durable: false });
  project.provide('postgresUrls', { '18': newest.url, '15': null });
  return async () => {
    await newest.stop();
    await removeDirectory(directory);
  };
}
