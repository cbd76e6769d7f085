import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readUserList } from '../../src/users/user-list.ts';
import { UserListError } from '../../src/users/user-list-error.ts';
import { temporaryDirectory } from '../ground/directory.ts';

/** A file with this content, in a directory of its own. */
export async function listFile(content: string | Uint8Array): Promise<string> {
  const file = join(await temporaryDirectory(), 'users.txt');
  await writeFile(file, content);
  return file;
}

export async function idsOf(list: AsyncIterable<string[]>): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of list) ids.push(...batch);
  return ids;
}

/** The IDs that a list with this content holds. */
export const read = async (content: string | Uint8Array): Promise<string[]> =>
  idsOf(readUserList(await listFile(content)));

/** What is wrong with a list, each problem without the directory that the file happens to be in. */
export async function problemsOf(file: string): Promise<string[]> {
  try {
    await idsOf(readUserList(file));
  } catch (error) {
    if (!(error instanceof UserListError)) throw error;
    return error.problems.map((problem) => problem.replaceAll(file, 'LIST'));
  }
  throw new Error('the list was read');
}
