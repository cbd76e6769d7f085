import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openListFile } from '../../src/user-list/list-file.ts';
import { UserList } from '../../src/user-list/user-list.ts';
import { UserListError } from '../../src/user-list/user-list-error.ts';
import { temporaryDirectory } from '../support/directory.ts';

export type Reading = {
  readonly column?: string;
  readonly maxBad?: number;
  /** The file's name, which gives its format. */
  readonly name?: string;
};

/** A file with this content, in a directory of its own. */
export async function listFile(content: string | Uint8Array, name = 'users.txt'): Promise<string> {
  const file = join(await temporaryDirectory(), name);
  await writeFile(file, content);
  return file;
}

export const listOf = (file: string, { column, maxBad = 0 }: Reading = {}): UserList =>
  new UserList(openListFile(file, column ?? null), maxBad);

export async function idsOf(list: UserList): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of list.ids()) ids.push(...batch);
  return ids;
}

/** The IDs that a list with this content holds. */
export const read = async (content: string | Uint8Array, reading: Reading = {}): Promise<string[]> =>
  idsOf(listOf(await listFile(content, reading.name), reading));

/** The problems of a list, each without the directory of the file. */
export async function problemsOf(file: string, reading: Reading = {}): Promise<string[]> {
  try {
    await idsOf(listOf(file, reading));
  } catch (error) {
    if (!(error instanceof UserListError)) throw error;
    return error.problems.map((problem) => problem.replaceAll(file, 'LIST'));
  }
  throw new Error('the list was read');
}

/** The problems of a list with this content. */
export const problemsIn = async (content: string | Uint8Array, reading: Reading): Promise<string[]> =>
  problemsOf(await listFile(content, reading.name), reading);
