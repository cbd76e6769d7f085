import { type FileHandle, open } from 'node:fs/promises';
import { DestinationError } from '../../contract/destination-error.ts';
import { linesIn, piecesOf } from '../storage/lines.ts';
import type { Fields, FileFormat } from './format.ts';

/**
 * The rows of a CSV file, without its header. None when the file is missing.
 * @param bytes how much of the file to read
 */
export async function* rowsIn(
  path: string,
  format: Pick<FileFormat, 'unpack'>,
  bytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<Fields> {
  const file = await openIfThere(path);
  if (file === null) return;
  try {
    let isHeader = true;
    for await (const record of recordsIn(format.unpack(piecesOf(file, bytes)))) {
      if (!isHeader) yield fieldsOf(record);
      isHeader = false;
    }
  } catch (error) {
    throw isOfZlib(error)
      ? new DestinationError(
          `${path} is damaged (${error.message}); it is replaced by the next run that finishes`,
          {
            cause: error,
          },
        )
      : error;
  } finally {
    await file.close();
  }
}

const isOfZlib = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');

const openIfThere = (path: string): Promise<FileHandle | null> =>
  open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });

// A comma and its field. Quotes within quotes are doubled.
const FIELD = /,(?:"([^"]*(?:""[^"]*)*)"|([^,]*))/g;

/** The records of a file that this program wrote, the header first, streamed. */
export async function* recordsIn(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let lines: string[] = [];
  let isWithinQuotes = false;
  for await (const { text } of linesIn(pieces)) {
    lines.push(text);
    if (quotesIn(text) % 2 === 1) isWithinQuotes = !isWithinQuotes;
    if (isWithinQuotes) continue;
    yield lines.join('\n');
    lines = [];
  }
}

/** The fields of a record as RFC 4180 quotes them; null for an empty field without quotes. */
export function fieldsOf(record: string): (string | null)[] {
  return Array.from(`,${record}`.matchAll(FIELD), ([, quoted, plain]) =>
    quoted === undefined ? plain || null : quoted.replaceAll('""', '"'),
  );
}

const quotesIn = (text: string): number => (text.includes('"') ? text.split('"').length - 1 : 0);
