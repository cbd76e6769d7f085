import { type FileHandle, open } from 'node:fs/promises';
import { DestinationError } from '../../contract/destination-error.ts';
import { piecesOf } from '../storage/lines.ts';
import { fieldsOf, recordsIn } from './csv-records.ts';
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
