import { fstat } from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What tells that a file is no longer what it was. */
export type FileState = {
  readonly device: bigint;
  readonly inode: bigint;
  readonly bytes: bigint;
  readonly modifiedNs: bigint;
};

/** A file that became another one while it was read: what was read may be half of one list, or of two. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
}

/** The state of an open file, or of what a path leads to; null where there is no such file. */
export async function stateOf(file: number | string): Promise<FileState | null> {
  try {
    const found =
      typeof file === 'number'
        ? await promisify(fstat)(file, { bigint: true })
        : await stat(file, { bigint: true });
    if (!found.isFile()) return null;
    return { device: found.dev, inode: found.ino, bytes: found.size, modifiedNs: found.mtimeNs };
  } catch {
    return null;
  }
}

/** @throws {FileChanged} when one of the states is another one now */
export function refuseChange(
  before: readonly (FileState | null)[],
  after: readonly (FileState | null)[],
): void {
  for (const [i, was] of before.entries()) {
    const is = after[i] ?? null;
    const what = was === null ? null : changeOf(was, is);
    if (what === null) continue;
    throw new FileChanged(
      `the file changed while it was read (${what}); write it under another name and rename it when it is whole, then start again`,
    );
  }
}

function changeOf(was: FileState, is: FileState | null): string | null {
  if (is === null) return 'it was removed';
  if (was.device !== is.device || was.inode !== is.inode) return 'another file took its place';
  if (was.bytes !== is.bytes) return `it had ${was.bytes} bytes, and has ${is.bytes} now`;
  return was.modifiedNs === is.modifiedNs ? null : 'it was written to';
}
