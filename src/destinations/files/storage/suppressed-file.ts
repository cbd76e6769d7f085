import { camelCased, snakeCased } from '../../../json/key-case.ts';
import type { RunRecord } from '../../contract/destination.ts';
import { InvalidDestination } from '../../contract/destination-error.ts';
import type { UserToErase } from '../../contract/erasure.ts';
import {
  newSalt,
  SuppressedUsers,
  type Suppression,
  suppressionDigest,
} from '../../contract/suppressed-users.ts';
import { readIfThere } from '../../read-if-there.ts';
import { replaceDurably } from './durable-file.ts';

/** Identifies a run among all that were ever in a directory: numbers are used again. */
type RunName = Pick<RunRecord, 'runId' | 'startedAt'>;

/** The suppressed users of one app in a directory. */
type SuppressedInApp = {
  readonly sdkAppId: number;
  readonly salt: string;
  /** Identifies the key of the digested pseudonyms; null when IDs were digested. */
  readonly keyFingerprint: string | null;
  readonly users: readonly (Suppression & { readonly suppressedAt: string })[];
  /** The unfinished run that was abandoned for the last of them: its plan may contain the user. */
  readonly abandoned: RunName | null;
};

/** The content of `suppressed.json`, where keys are in snake_case, as in the manifest. */
type SuppressedFile = { readonly format: string; readonly apps: readonly SuppressedInApp[] };

const FORMAT = 'tencent-chat-export-suppressed/2';

/** The suppressed users of an app in a directory; none when the file is missing. */
export async function readSuppressed(path: string, sdkAppId: number): Promise<SuppressedUsers> {
  const app = await readApp(path, sdkAppId);
  return app === null ? SuppressedUsers.none : new SuppressedUsers(app.salt, app.users);
}

/** The pseudonym key under which users of an app were suppressed; null when no user is. */
export async function suppressedBy(
  path: string,
  sdkAppId: number,
): Promise<Pick<SuppressedInApp, 'keyFingerprint'> | null> {
  const app = await readApp(path, sdkAppId);
  return app === null || app.users.length === 0 ? null : app;
}

/** Whether a run was abandoned because a user of the app was erased. */
export async function isGivenUp(path: string, { sdkAppId, runId, startedAt }: RunRecord): Promise<boolean> {
  const abandoned = (await readApp(path, sdkAppId))?.abandoned;
  return abandoned?.runId === runId && abandoned.startedAt === startedAt;
}

/**
 * Adds a user to the file. The erasure counts as unfinished until `finishErasure`.
 * @param abandoned the unfinished run that is abandoned for it
 * @param check as in `replaceDurably`
 */
export async function addSuppressed(
  path: string,
  { sdkAppId, name, keyFingerprint, asPeer }: UserToErase,
  abandoned: RunName | null,
  check: () => Promise<void>,
): Promise<void> {
  const before = await readApp(path, sdkAppId);
  const { salt, users } = before ?? { salt: newSalt(), users: [] };
  const digest = suppressionDigest(salt, name);
  const former = users.find((user) => user.digest === digest);
  const now = new Date().toISOString();
  const user = {
    digest,
    asPeer: asPeer || former?.asPeer === true,
    suppressedAt: now,
    // The same command again continues that erasure.
    unfinishedSince: former?.unfinishedSince ?? now,
  };
  const app: SuppressedInApp = {
    sdkAppId,
    salt,
    keyFingerprint,
    users: [...users.filter((user) => user.digest !== digest), user],
    abandoned:
      abandoned === null
        ? (before?.abandoned ?? null)
        : { runId: abandoned.runId, startedAt: abandoned.startedAt },
  };
  await writeApp(path, app, check);
}

/** Records that an erasure is finished. @param check as in `replaceDurably` */
export async function finishErasure(
  path: string,
  { sdkAppId, name }: UserToErase,
  check: () => Promise<void>,
): Promise<void> {
  const app = await readApp(path, sdkAppId);
  if (app === null) return;
  const digest = suppressionDigest(app.salt, name);
  const users = app.users.map((user) => (user.digest === digest ? { ...user, unfinishedSince: null } : user));
  await writeApp(path, { ...app, users }, check);
}

/** Takes a user out of the file. @returns false when the user was not in it */
export async function removeSuppressed(
  path: string,
  { sdkAppId, name }: { readonly sdkAppId: number; readonly name: string },
  check: () => Promise<void>,
): Promise<boolean> {
  const app = await readApp(path, sdkAppId);
  if (app === null) return false;
  const digest = suppressionDigest(app.salt, name);
  const users = app.users.filter((user) => user.digest !== digest);
  if (users.length === app.users.length) return false;
  await writeApp(path, { ...app, users }, check);
  return true;
}

async function writeApp(path: string, app: SuppressedInApp, check: () => Promise<void>): Promise<void> {
  const others = (await readApps(path)).filter(({ sdkAppId }) => sdkAppId !== app.sdkAppId);
  const file: SuppressedFile = { format: FORMAT, apps: [...others, app] };
  await replaceDurably(path, `${JSON.stringify(snakeCased(file), null, 2)}\n`, check);
}

async function readApp(path: string, sdkAppId: number): Promise<SuppressedInApp | null> {
  return (await readApps(path)).find((app) => app.sdkAppId === sdkAppId) ?? null;
}

/** @throws {InvalidDestination} when the file is not one of this program: without it, suppressed users would be pulled */
async function readApps(path: string): Promise<readonly SuppressedInApp[]> {
  const text = await readIfThere(path);
  if (text === null) return [];
  try {
    const file = camelCased(JSON.parse(text)) as SuppressedFile;
    if (file.format === FORMAT) return file.apps;
  } catch {
    // Not JSON: handled like another format.
  }
  throw new InvalidDestination(
    `${path} is not what chat-export erase writes (expected "format": "${FORMAT}"); put it back from a backup, or choose another directory`,
  );
}
