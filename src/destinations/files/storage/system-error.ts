import { DestinationError } from '../../contract/destination-error.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space',
  EDQUOT: 'the disk quota is used up; free some space',
  EACCES: 'permission denied; give this account the right to write there',
  EPERM: 'not permitted; give this account the right to write there',
  EROFS: 'the file system is read-only; name another directory',
  EEXIST: 'it is a file, not a directory; name another one',
  ENOTDIR: 'it, or a part of its path, is not a directory; name another one',
  ENOENT: 'it no longer exists; find out what removed it',
  ENAMETOOLONG: 'a name in it, or all of it, is longer than the system takes; name another directory',
  EIO: 'the disk reports an error; check the system log',
  EMFILE: 'too many open files; raise the limit (ulimit -n)',
};

const toRead: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; only its owner may read it: run this as the account that exports',
  EPERM: 'not permitted; run this as the account that exports',
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
    throw destinationErrorOf(directory, error, access);
  }
}

/** An error of the file system as one of the destination; other errors unchanged. */
export function destinationErrorOf(directory: string, error: unknown, access: Access = 'write to'): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  const code = String(error.code);
  const reason = (access === 'read' ? toRead[code] : undefined) ?? reasons[code] ?? error.message;
  return new DestinationError(`cannot ${access} ${directory}: ${reason} (${code})`, {
    cause: error,
  });
}
