import { execFileSync, spawnSync } from 'node:child_process';
import { temporaryDirectory } from './directory.ts';
import { whenOver } from './when-over.ts';

/** A file system of so many MB at a directory, or undefined where this process may not make one. */
export async function smallDisk(megabytes: number): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const directory = await temporaryDirectory();
  const { status } = spawnSync('mount', [
    ...['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', directory],
  ]);
  if (status !== 0) return undefined;
  whenOver(async () => void execFileSync('umount', ['--lazy', directory]));
  return directory;
}
