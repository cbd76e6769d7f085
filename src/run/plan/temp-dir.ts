import { access, constants, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { errorText, systemReason } from '../../errors/system-error.ts';
import { RunRefused } from '../errors/run-errors.ts';

/** The directory for files of this attempt: `--temp-dir`, or the system's. @throws {RunRefused} */
export async function usableTempDir(given: string | null): Promise<string> {
  const dir = given ?? tmpdir();
  const refused = (reason: string): RunRefused =>
    new RunRefused(`--temp-dir ${dir}: ${reason}; choose a directory in which this account can write files`);
  try {
    if (!(await stat(dir)).isDirectory()) throw refused('it is not a directory');
    await access(dir, constants.W_OK | constants.X_OK);
    return dir;
  } catch (error) {
    if (systemReason(error) === null) throw error;
    throw refused(errorText(error));
  }
}
