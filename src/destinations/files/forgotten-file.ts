import { readFile } from 'node:fs/promises';
import { DestinationUnusable } from '../destination-error.ts';
import type { UserToForget } from '../forgetting.ts';
import { type ForgottenMark, ForgottenUsers, forgottenDigest, newSalt } from '../forgotten-users.ts';
import { replaceDurably } from './durable-file.ts';

/** The content of `forgotten.json`. */
type ForgottenFile = {
  readonly format: string;
  readonly salt: string;
  /** Tells the key of the pseudonyms that were digested from others; null where those were IDs. */
  readonly keyCheck: string | null;
  readonly users: readonly (ForgottenMark & { readonly forgottenAt: string })[];
};

const FORMAT = 'tencent-chat-export-forgotten/1';

/** The users whom a directory was told to forget; none where there is no such file. */
export async function readForgotten(path: string): Promise<ForgottenUsers> {
  const file = await readStored(path);
  return file === null ? ForgottenUsers.none : new ForgottenUsers(file.salt, file.users);
}

/** By which names the users of the file are forgotten; null where there is none of them. */
export async function forgottenBy(path: string): Promise<Pick<ForgottenFile, 'keyCheck'> | null> {
  const file = await readStored(path);
  return file === null || file.users.length === 0 ? null : file;
}

/** Adds a user to the file. @param check as `replaceDurably` has it */
export async function addForgotten(
  path: string,
  { name, keyCheck, asPeer }: UserToForget,
  check: () => Promise<void>,
): Promise<void> {
  const { salt, users } = (await readStored(path)) ?? { salt: newSalt(), users: [] };
  const digest = forgottenDigest(salt, name);
  const before = users.find((user) => user.digest === digest);
  const user = {
    digest,
    asPeer: asPeer || before?.asPeer === true,
    forgottenAt: new Date().toISOString(),
  };
  const file: ForgottenFile = {
    format: FORMAT,
    salt,
    keyCheck,
    users: [...users.filter((user) => user.digest !== digest), user],
  };
  await write(path, file, check);
}

/** Takes a user out of the file. @returns false when the user was not in it */
export async function removeForgotten(
  path: string,
  name: string,
  check: () => Promise<void>,
): Promise<boolean> {
  const file = await readStored(path);
  if (file === null) return false;
  const digest = forgottenDigest(file.salt, name);
  const users = file.users.filter((user) => user.digest !== digest);
  if (users.length === file.users.length) return false;
  await write(path, { ...file, users }, check);
  return true;
}

const write = (path: string, file: ForgottenFile, check: () => Promise<void>): Promise<void> =>
  replaceDurably(path, `${JSON.stringify(file, null, 2)}\n`, check);

/** @throws {DestinationUnusable} for a file that is none of this program: without it, users who are forgotten would be pulled */
async function readStored(path: string): Promise<ForgottenFile | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    const file = JSON.parse(text) as ForgottenFile;
    if (file.format === FORMAT) return file;
  } catch {
    // Not JSON: as unusable as another format.
  }
  throw new DestinationUnusable(
    `${path} is not what chat-export forget writes (expected "format": "${FORMAT}"); put it back from a backup, or choose another directory`,
  );
}
