import type { Forgetting } from '../config/read-forgetting.ts';
import type { Destination, DestinationEvents } from '../destinations/contract/destination.ts';
import type { Forgotten, UserToForget } from '../destinations/contract/forgetting.ts';
import { type ArchivePlace, openArchive } from '../destinations/open/open-archive.ts';
import { openDestination } from '../destinations/open/open-destination.ts';
import { waitingOfRun } from '../destinations/postgres/connect/waiting.ts';
import { MAX_USER_ID_BYTES, mayBeUserId } from '../user-list/user-id.ts';
import { RunRefused } from './errors/run-refused.ts';
import { type IdCodec, idCodec } from './ids/id-codec.ts';

export type ForgetOptions = {
  readonly userId: string;
  readonly asPeer: boolean;
  /** Nothing is changed, and what would be is told. */
  readonly dryRun: boolean;
  readonly stop: AbortSignal;
  readonly events: DestinationEvents;
};

/**
 * Removes a user from a destination, and has later runs leave the user out.
 * @throws {RunRefused} for what is no user ID, and where rows hold other names; DestinationLocked while a run is at work; as
 * `Destination`
 */
export async function forgetUser(
  where: Forgetting,
  { userId, asPeer, dryRun, stop, events }: ForgetOptions,
): Promise<{ readonly destination: string; readonly forgotten: Forgotten }> {
  // To look changes nothing, the schema included.
  const place = dryRun ? { ...where, migrate: false } : where;
  return await withUser(place, { userId, stop, events }, async (destination, user) => ({
    destination: destination.name,
    forgotten: await destination.forget({ ...user, asPeer }, { dryRun }),
  }));
}

/**
 * Lets later runs pull a user again who was forgotten; `wasForgotten` is false for one who was not.
 * @throws as `forgetUser`
 */
export async function unsuppress(
  where: Forgetting,
  options: Omit<ForgetOptions, 'asPeer' | 'dryRun'>,
): Promise<{ readonly destination: string; readonly wasForgotten: boolean }> {
  return await withUser(where, options, async (destination, { name }) => ({
    destination: destination.name,
    wasForgotten: await destination.unsuppress(name),
  }));
}

async function withUser<T>(
  where: Forgetting,
  { userId, stop, events }: Omit<ForgetOptions, 'asPeer' | 'dryRun'>,
  work: (destination: Destination, user: Omit<UserToForget, 'asPeer'>) => Promise<T>,
): Promise<T> {
  if (!mayBeUserId(Buffer.from(userId))) {
    throw new RunRefused(
      `the user to forget is no user ID: expected 1 to ${MAX_USER_ID_BYTES} bytes without white space around them`,
    );
  }
  const names = idCodec(where.pseudonymize);
  const planned = names.toPlan(userId);
  const waiting = waitingOfRun({ maxOutageMs: where.maxOutageMs, stop, onNotice: events.onNotice });
  const wasExported = await hasRun({ ...where, waiting });
  const { destination, close } = await openDestination(jobOf(where), stop, events);
  try {
    if (!wasExported && (await destination.forgotten()).isEmpty) throw nobodyThere(destination, where);
    await refuseOtherNames(destination, names);
    return await work(destination, {
      sdkAppId: where.sdkAppId,
      keyCheck: names.keyCheck,
      name: names.toRow(planned),
      planned,
    });
  } finally {
    await close();
  }
}

/** Whether the app has been exported to where a user is to be forgotten. To look there makes nothing. */
async function hasRun(where: Forgetting & ArchivePlace): Promise<boolean> {
  await using archive = await openArchive(where);
  const { sdkAppId } = where;
  if ((await archive.runs({ sdkAppId, job: null }, 1)).length > 0) return true;
  // A directory whose only run was given up for another user has none.
  if (where.destination.kind !== 'files') throw nobodyThere(archive, where);
  return false;
}

/** A mistyped place would pass for one that has forgotten. */
const nobodyThere = ({ name }: { readonly name: string }, { sdkAppId }: Forgetting): RunRefused =>
  new RunRefused(
    `${name} holds no run of app ${sdkAppId}, so there is nobody to forget; compare --to, --schema and --sdk-app-id`,
  );

/** A user looked for under another name would not be found, and it would look as if all were well. */
async function refuseOtherNames(destination: Destination, { keyCheck }: IdCodec): Promise<void> {
  const rows = await destination.storedKeyFingerprint('rows-and-plans');
  if (rows === null || rows.keyCheck === keyCheck) return;
  const why =
    rows.keyCheck === null
      ? 'its rows hold user IDs as they are; leave --pseudonymize out'
      : keyCheck === null
        ? 'its rows hold pseudonyms; name their key with --pseudonymize'
        : 'its rows hold pseudonyms under another key than that of --pseudonymize; name that one';
  throw new RunRefused(`${destination.name}: ${why}`);
}

const jobOf = ({ destination, sdkAppId, migrate, keepRuns, maxOutageMs, caFile }: Forgetting) => ({
  destination,
  api: { sdkAppId },
  run: { migrate, keepRuns },
  rows: { history: false },
  pull: { maxOutageMs },
  network: { caFile },
});
