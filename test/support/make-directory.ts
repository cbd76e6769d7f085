import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new temporary directory that any account may enter. The caller removes it. */
export async function makeDirectory(parent = tmpdir()): Promise<string> {
  const directory = await mkdtemp(join(parent, 'chat-export-test-'));
  await chmod(directory, 0o755);
  return directory;
}

export async function removeDirectory(directory: string): Promise<void> {
  // A program that was killed a moment ago may have children that still write.
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
