import { readFile } from 'node:fs/promises';
import type { RunRecord } from '../../contract/destination.ts';
import { InvalidDestination } from '../../contract/destination-error.ts';
import type { UserToForget } from '../../contract/forgetting.ts';
import {
  type ForgottenMark,
  ForgottenUsers,
  forgottenDigest,
  newSalt,
} from '../../contract/forgotten-users.ts';
import { replaceDurably } from './durable-file.ts';

/** What tells a run from every other that was ever in a directory: numbers are given again. */
type RunName = Pick<RunRecord, 'runId' | 'beganAt'>;

/** The users of one app whom a directory was told to forget. */
type ForgottenOfApp = {
  /** Null in a file of an earlier version, which told of no app. */
  readonly sdkAppId: number | null;
  readonly salt: string;
  /** Tells the key of the pseudonyms that were digested from others; null where those were IDs. */
  readonly keyCheck: string | null;
  readonly users: readonly (ForgottenMark & { readonly forgottenAt: string })[];
  /** The unfinished run that was given up for the last of them: its plan may have the user. */
  readonly abandoned: RunName | null;
};

/** The content of `forgotten.json`. */
type ForgottenFile = { readonly format: string; readonly apps: readonly ForgottenOfApp[] };

const FORMAT = 'tencent-chat-export-forgotten/2';
const WITHOUT_APPS = 'tencent-chat-export-forgotten/1';

/** The users of an app whom a directory was told to forget; none where there is no such file. */
export async function readForgotten(path: string, sdkAppId: number): Promise<ForgottenUsers> {
  const app = await readApp(path, sdkAppId);
  return app === null ? ForgottenUsers.none : new ForgottenUsers(app.salt, app.users);
}

/** By which names the users of an app are forgotten; null where there is none of them. */
export async function forgottenBy(
  path: string,
  sdkAppId: number,
): Promise<Pick<ForgottenOfApp, 'keyCheck'> | null> {
  const app = await readApp(path, sdkAppId);
  return app === null || app.users.length === 0 ? null : app;
}

/** Whether a run was given up because a user of the app was forgotten. */
export async function isGivenUp(path: string, { sdkAppId, runId, beganAt }: RunRecord): Promise<boolean> {
  const abandoned = (await readApp(path, sdkAppId))?.abandoned;
  return abandoned?.runId === runId && abandoned.beganAt === beganAt;
}

/**
 * Adds a user to the file.
 * @param abandoned the unfinished run that is given up for it
 * @param check as `replaceDurably` has it
 */
export async function addForgotten(
  path: string,
  { sdkAppId, name, keyCheck, asPeer }: UserToForget,
  abandoned: RunName | null,
  check: () => Promise<void>,
): Promise<void> {
  const before = await readApp(path, sdkAppId);
  const { salt, users } = before ?? { salt: newSalt(), users: [] };
  const digest = forgottenDigest(salt, name);
  const former = users.find((user) => user.digest === digest);
  const user = {
    digest,
    asPeer: asPeer || former?.asPeer === true,
    forgottenAt: new Date().toISOString(),
  };
  const app: ForgottenOfApp = {
    sdkAppId,
    salt,
    keyCheck,
    users: [...users.filter((user) => user.digest !== digest), user],
    abandoned:
      abandoned === null
        ? (before?.abandoned ?? null)
        : { runId: abandoned.runId, beganAt: abandoned.beganAt },
  };
  await writeApp(path, app, check);
}

/** Takes a user out of the file. @returns false when the user was not in it */
export async function removeForgotten(
  path: string,
  { sdkAppId, name }: { readonly sdkAppId: number; readonly name: string },
  check: () => Promise<void>,
): Promise<boolean> {
  const app = await readApp(path, sdkAppId);
  if (app === null) return false;
  const digest = forgottenDigest(app.salt, name);
  const users = app.users.filter((user) => user.digest !== digest);
  if (users.length === app.users.length) return false;
  await writeApp(path, { ...app, sdkAppId, users }, check);
  return true;
}

async function writeApp(path: string, app: ForgottenOfApp, check: () => Promise<void>): Promise<void> {
  const others = (await readApps(path)).filter(
    ({ sdkAppId }) => sdkAppId !== null && sdkAppId !== app.sdkAppId,
  );
  const file: ForgottenFile = { format: FORMAT, apps: [...others, app] };
  await replaceDurably(path, `${JSON.stringify(file, null, 2)}\n`, check);
}

/** Users whose app is not known are forgotten in every app, until a user of one is. */
async function readApp(path: string, sdkAppId: number): Promise<ForgottenOfApp | null> {
  const apps = await readApps(path);
  return apps.find((app) => app.sdkAppId === sdkAppId) ?? apps.find((app) => app.sdkAppId === null) ?? null;
}

/** @throws {InvalidDestination} for a file that is none of this program: without it, users who are forgotten would be pulled */
async function readApps(path: string): Promise<readonly ForgottenOfApp[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  try {
    const file = JSON.parse(text) as ForgottenFile & Omit<ForgottenOfApp, 'sdkAppId' | 'abandoned'>;
    if (file.format === FORMAT) return file.apps;
    if (file.format === WITHOUT_APPS) return [{ ...file, sdkAppId: null, abandoned: null }];
  } catch {
    // Not JSON: as unusable as another format.
  }
  throw new InvalidDestination(
    `${path} is not what chat-export forget writes (expected "format": "${FORMAT}"); put it back from a backup, or choose another directory`,
  );
}
