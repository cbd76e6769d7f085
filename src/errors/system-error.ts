type Words = {
  /** A clause; `{it}` is what the system was asked for. */
  readonly reason: string;
  /** The next step, where that is the same for every file. */
  readonly hint?: string;
};

/** The meanings of the system's codes (errno(3)), for operations on files and directories. */
const table: Readonly<Record<string, Words>> = {
  ENOENT: { reason: '{it} does not exist' },
  ENOTDIR: { reason: 'a part of its path is not a directory' },
  EISDIR: { reason: '{it} is a directory' },
  EEXIST: { reason: '{it} exists already' },
  ELOOP: { reason: '{it} is a broken symbolic link' },
  ENAMETOOLONG: { reason: 'its path, or a name in it, is too long' },
  EACCES: { reason: 'permission denied' },
  EPERM: { reason: 'not permitted' },
  EROFS: { reason: 'the file system is read-only' },
  ENOSPC: { reason: 'the disk is full', hint: 'free some space' },
  EDQUOT: { reason: 'the disk quota is used up', hint: 'free some space' },
  EFBIG: { reason: 'the file would be larger than the limit', hint: 'raise the limit (ulimit -f)' },
  EIO: { reason: 'the disk reports an error', hint: 'check the system log' },
  EMFILE: { reason: 'too many open files', hint: 'raise the limit (ulimit -n) to 1,024 or more' },
  ENFILE: { reason: 'too many open files on this machine', hint: "raise the system's limit (fs.file-max)" },
  EADDRINUSE: { reason: 'another process listens there' },
};

/** The code of an error, such as ENOENT; null where there is none. */
export const systemCode = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

const findWords = (error: unknown): Words | null => {
  const code = systemCode(error);
  return code !== null && Object.hasOwn(table, code) ? (table[code] ?? null) : null;
};

/** Why the system refused something, as a clause without the code; null where the table does not know the code. */
export const systemReason = (error: unknown, it = 'it'): string | null =>
  findWords(error)?.reason.replace('{it}', it) ?? null;

/** The next step, a clause that begins with a verb; null where that depends on what was done. */
export const systemHint = (error: unknown): string | null => findWords(error)?.hint ?? null;

/** Any error as a clause: the system's reason with its code, or else the message. */
export function errorText(error: unknown, it = 'it'): string {
  const reason = systemReason(error, it);
  if (reason !== null) return `${reason} (${systemCode(error)})`;
  return error instanceof Error ? error.message : String(error);
}
