import { unpacked } from './gzip.ts';
import { listBytes } from './list-bytes.ts';
import type { ListForm, ListSource } from './list-source.ts';
import { UserListError } from './user-list-error.ts';
import { utf8Text } from './utf8-text.ts';

/** What stands for standard input in place of a file's path. */
const STANDARD_INPUT = '-';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'is a directory, not a file',
  EACCES: 'cannot be read: permission denied',
};

/**
 * The user list of a file, or of standard input (`-`), gzipped or not. The form follows from the file's name; standard
 * input is CSV when a column is named.
 * @param stop ends the reading with an error
 * @throws {UserListError} when nothing reads a file of this name; what is wrong with its content comes when it is read
 */
export function openListFile(file: string, column: string | null, stop?: AbortSignal): ListSource {
  const isInput = file === STANDARD_INPUT;
  const name = isInput ? 'standard input' : file;
  const form = isInput ? (column === null ? 'lines' : 'csv') : formOf(file, column);
  return {
    name,
    form,
    column,
    mayBeEmpty: isInput,
    bytes: utf8Text(unpacked(rawBytes(isInput ? null : file, name, stop), name), name),
    place: (line) => `${name}:${line}`,
  };
}

function formOf(file: string, column: string | null): ListForm {
  const ending = /\.(csv|jsonl|ndjson|tsv|json|parquet|xlsx)(\.gz)?$/i.exec(file)?.[1]?.toLowerCase();
  if (ending === 'csv') return 'csv';
  if (ending === 'jsonl' || ending === 'ndjson') return 'json-lines';
  // Their lines are no user IDs, and would be called one by one before anybody noticed.
  if (ending !== undefined) {
    throw new UserListError([
      `${file}: a list in the form .${ending} cannot be read; give .csv with a header, .jsonl, or one user ID a line`,
    ]);
  }
  if (column === null) return 'lines';
  throw new UserListError([
    `--user-column ${JSON.stringify(column)}: ${file} is read as one user ID a line, and has no columns; ` +
      'name the file .csv or .jsonl if it is one, or leave the option out',
  ]);
}

async function* rawBytes(
  file: string | null,
  name: string,
  stop: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  try {
    yield* listBytes(file, stop);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const reason = REASONS[String(error.code)] ?? `cannot be read: ${error.message}`;
    throw new UserListError([`${name}: ${reason}`], { cause: error });
  }
}
