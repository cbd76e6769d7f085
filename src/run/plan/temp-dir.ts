import { access, constants, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { RunRefused } from '../errors/run-errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such directory',
  ENOTDIR: 'it is not a directory',
  EACCES: 'permission denied; files are written there while the user list is read',
  EROFS: 'the file system is read-only; files are written there while the user list is read',
};

/** The directory for files of this attempt: `--temp-dir`, or the system's. @throws {RunRefused} */
export async function usableTempDir(given: string | null): Promise<string> {
  const dir = given ?? tmpdir();
  const refused = (reason: string): RunRefused => new RunRefused(`--temp-dir ${dir}: ${reason}`);
  try {
    if (!(await stat(dir)).isDirectory()) throw refused('it is not a directory');
    await access(dir, constants.W_OK | constants.X_OK);
    return dir;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw refused(REASONS[String(error.code)] ?? error.message);
  }
}
