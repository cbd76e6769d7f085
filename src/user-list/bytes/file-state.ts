import { fstat } from 'node:fs';
import { promisify } from 'node:util';

/** Identifies the content of an open file: it differs after a change. */
export type FileState = {
  readonly bytes: bigint;
  readonly modifiedNs: bigint;
};

/** A file changed while it was read: the result may be half of one list, or of two. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
}

/**
 * The state of an open file; null for other inputs, such as a pipe. It belongs to the descriptor, not to a path: a file that was
 * removed or replaced by a rename is still read to its end.
 */
export async function fileState(fd: number): Promise<FileState | null> {
  try {
    const found = await promisify(fstat)(fd, { bigint: true });
    return found.isFile() ? { bytes: found.size, modifiedNs: found.mtimeNs } : null;
  } catch {
    return null;
  }
}

/** @throws {FileChanged} when the state has changed */
export function refuseChange(was: FileState | null, is: FileState | null): void {
  const what = was === null ? null : describeChange(was, is);
  if (what === null) return;
  throw new FileChanged(
    `the file changed while it was read (${what}); write it under another name and rename it when it is complete, then start again`,
  );
}

function describeChange(was: FileState, is: FileState | null): string | null {
  if (is === null) return 'it can no longer be read';
  if (was.bytes !== is.bytes) return `it had ${was.bytes} bytes, and has ${is.bytes} now`;
  return was.modifiedNs === is.modifiedNs ? null : 'it was written to';
}
