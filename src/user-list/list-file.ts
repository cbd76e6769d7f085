import { basename } from 'node:path';
import { systemReason } from '../errors/system-error.ts';
import { FileChanged } from './bytes/file-state.ts';
import { unpacked } from './bytes/gzip.ts';
import { listBytes } from './bytes/list-bytes.ts';
import { utf8Text } from './bytes/utf8-text.ts';
import type { ListFormat, ListSource } from './list-source.ts';
import { UserListError } from './user-list-error.ts';

/** Stands for standard input instead of a file's path. */
const STANDARD_INPUT = '-';

// The paths that a shell uses for `<(…)`, and other names of open files.
const OPEN_FILE = /^\/dev\/(fd\/\d+|stdin)$|^\/proc\/(self|thread-self|\d+)\/fd\/\d+$/;

/**
 * The user list of a file, or of standard input (`-`), compressed by gzip or not. The file's name gives the format. Standard
 * input, and a path that names an open file, are CSV when a column is named.
 * @param stop ends the reading with an error
 * @throws {UserListError} when no format has this name; errors in the content come when it is read
 */
export function openListFile(file: string, column: string | null, stop?: AbortSignal): ListSource {
  const isInput = file === STANDARD_INPUT;
  const isStream = isInput || OPEN_FILE.test(file);
  const name = isInput ? 'standard input' : file;
  const format = isStream ? (column === null ? 'lines' : 'csv') : listFormat(file, column);
  return {
    name,
    format,
    isStream,
    column,
    mayBeEmpty: isInput,
    bytes: utf8Text(unpacked(rawBytes(isInput ? null : file, name, stop), name), name),
    place: (line) => `${name}:${line}`,
  };
}

// The content shows whether it is compressed, and how.
const PACKED = '(?:\\.(?:gz|bz2|zst|xz|lz4|lzma|br|zip|7z))*';
const KNOWN = new RegExp(`\\.(csv|jsonl|ndjson)${PACKED}$`, 'i');
// Their lines are not user IDs. Without this, each line would be called.
const UNREADABLE = new RegExp(
  `\\.(tsv|tab|psv|json|jsonlines|geojson|parquet|avro|orc|feather|arrow|xls[xmb]?|ods|numbers|sqlite3?|sql|ya?ml|xml|html?)${PACKED}$`,
  'i',
);
// For example users.csv.1 and users.csv.bak; users.csv.txt is text on purpose.
const HIDDEN = /\.(csv|tsv|jsonl|ndjson|jsonlines|json|parquet|xls[xmb]?|ods)(?![a-z0-9]).*$/i;

function listFormat(file: string, column: string | null): ListFormat {
  const known = KNOWN.exec(file)?.[1]?.toLowerCase();
  if (known !== undefined) return known === 'csv' ? 'csv' : 'json-lines';
  const ending = UNREADABLE.exec(file)?.[1]?.toLowerCase();
  if (ending !== undefined) {
    throw new UserListError([
      `${file}: a list in the format .${ending} cannot be read; give .csv with a header, .jsonl, or one user ID a line`,
    ]);
  }
  const hidden = HIDDEN.exec(basename(file))?.[0];
  if (hidden !== undefined && !/\.txt(\.gz)?$/i.test(hidden)) {
    throw new UserListError([
      `${file}: the name ends in ${hidden}, which does not tell how to read it; let it end in .csv, .jsonl or, with one user ID a line, .txt`,
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
    if (error instanceof FileChanged)
      throw new UserListError([`${name}: ${error.message}`], { cause: error });
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const reason = systemReason(error, 'the list') ?? `cannot be read: ${error.message}`;
    throw new UserListError([`${name}: ${reason}`], { cause: error });
  }
}
