import { readFile } from 'node:fs/promises';
import { systemCode } from '../errors/system-error.ts';

/** The text of a file; null when the file is missing. @throws the file system's error when the file cannot be read */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
