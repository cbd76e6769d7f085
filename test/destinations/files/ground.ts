import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RunWriter } from '../../../src/destinations/contract/destination.ts';
import { FileDestination } from '../../../src/destinations/files/file-destination.ts';
import { allTables } from '../../../src/rows/tables.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { type Program, startProgram } from '../../support/program.ts';
import { app, newRun } from '../samples.ts';

export const exportDirectory = async (): Promise<string> => join(await temporaryDirectory(), 'export');

export const fileNames = allTables.map((table) => `${table.name}.csv`);

/** The content of every file that readers see, by name; null where one is missing. */
export async function published(directory: string): Promise<Record<string, string | null>> {
  const files: Record<string, string | null> = {};
  for (const name of fileNames) files[name] = await readFile(join(directory, name), 'utf8').catch(() => null);
  return files;
}

/** Runs a function in a resumed run of a directory, like a new process. */
export async function goingOn<T>(directory: string, work: (run: RunWriter) => Promise<T>): Promise<T> {
  const destination = await FileDestination.open(directory, app);
  try {
    const last = await destination.lastRun();
    if (last === null) throw new Error('there is no run to go on with');
    return await work(await destination.resume(last));
  } finally {
    await destination.close();
  }
}

/** Does something in a new run of a directory. */
export async function beginning<T>(
  directory: string,
  users: readonly string[],
  chunkSize: number,
  work: (run: RunWriter) => Promise<T>,
): Promise<T> {
  const destination = await FileDestination.open(directory, app);
  try {
    return await work(await destination.begin(newRun(users.length, chunkSize), [users]));
  } finally {
    await destination.close();
  }
}

/** A process that opens a directory and holds it until it is killed; it says `open`, or why it was refused. */
export const startHolder = (directory: string): Program =>
  startProgram([directory], { script: resolve(import.meta.dirname, 'holder.mjs') });
