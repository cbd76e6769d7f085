import { type FileHandle, open } from 'node:fs/promises';
import { DestinationError } from '../../contract/destination-error.ts';
import { readPieces } from '../storage/lines.ts';
import { csvRecords, isUnreadable, UnreadableCsv } from './csv-records.ts';
import type { Fields, FileFormat } from './format.ts';

/**
 * The rows of a CSV file, without its header. None when the file is missing. A row that was cut off while it was written is not
 * a row.
 * @param bytes how much of the file to read
 * @throws {DestinationError} when the file is damaged
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
    for await (const record of csvRecords(format.unpack(readPieces(file, bytes)))) {
      if (!isHeader) yield record;
      isHeader = false;
    }
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    if (error instanceof UnreadableCsv && error.isCutOff) return;
    const message = `${path} is damaged (${error.message}); it is replaced by the next run that finishes`;
    throw new DestinationError(message, { cause: error });
  } finally {
    await file.close();
  }
}

const openIfThere = (path: string): Promise<FileHandle | null> =>
  open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
