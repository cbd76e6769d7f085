import { rename, rm } from 'node:fs/promises';
import { exists } from '../exists.ts';
import type { DirectoryLock } from './lock/directory-lock.ts';
import { syncDirectory } from './storage/durable-file.ts';
import type { Layout } from './storage/layout.ts';

/** Removes the run's directory. It is renamed first: after a kill, the directory is complete or gone. */
export async function clearRun(layout: Layout, lock: Pick<DirectoryLock, 'verify'>): Promise<void> {
  if (!(await exists(layout.run.directory))) return;
  await lock.verify();
  await rename(layout.run.directory, layout.oldRun);
  await syncDirectory(layout.directory);
  await rm(layout.oldRun, { recursive: true, force: true });
}
