import { errorText, systemHint } from '../../../errors/system-error.ts';
import { DestinationError } from '../../contract/destination-error.ts';

/** The next step where writing is refused. A directory is made with mkdir, whose EEXIST is about a file in its place. */
const toWrite: Readonly<Record<string, string>> = {
  EACCES: 'give this account the right to write there',
  EPERM: 'give this account the right to write there',
  EROFS: 'name another directory',
  EEXIST: 'it is not a directory; name another one',
  ENOTDIR: 'name another one',
  ENOENT: 'find out what removed it',
  ENAMETOOLONG: 'name another directory',
};

const toRead: Readonly<Record<string, string>> = {
  ...toWrite,
  EACCES: 'only its owner may read it: run this as the account that exports',
  EPERM: 'run this as the account that exports',
};

/** An operation in a directory. */
type Access = 'write to' | 'read';

/** Runs an operation in a directory, and converts an error of the file system to one of the destination. */
export async function asDestinationError<T>(
  directory: string,
  work: () => Promise<T>,
  access?: Access,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toDestinationError(directory, error, access);
  }
}

/** An error of the file system as one of the destination; other errors unchanged. */
export function toDestinationError(directory: string, error: unknown, access: Access = 'write to'): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  const code = String(error.code);
  const hint = systemHint(error) ?? (access === 'read' ? toRead : toWrite)[code];
  const next = hint === undefined ? '' : `; ${hint}`;
  return new DestinationError(`cannot ${access} ${directory}: ${errorText(error)}${next}`, { cause: error });
}
