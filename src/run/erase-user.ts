import type { Erasure } from '../config/read-erasure.ts';
import type { Destination, DestinationEvents } from '../destinations/contract/destination.ts';
import type { Erased, UserToErase } from '../destinations/contract/erasure.ts';
import { unfinishedErasures } from '../destinations/contract/suppressed-users.ts';
import { waitingOfRun } from '../destinations/contract/waiting.ts';
import { destinationKind } from '../destinations/open/kinds.ts';
import { type ArchivePlace, openArchive } from '../destinations/open/open-archive.ts';
import { openDestination } from '../destinations/open/open-destination.ts';
import { MAX_USER_ID_BYTES, mayBeUserId } from '../user-list/user-id.ts';
import { RunRefused } from './errors/run-errors.ts';
import { type IdCodec, idCodec } from './ids/id-codec.ts';

export type EraseOptions = {
  readonly userId: string;
  readonly asPeer: boolean;
  /** Only report what would change. */
  readonly dryRun: boolean;
  readonly stop: AbortSignal;
  readonly events: DestinationEvents;
};

/**
 * Removes a user from a destination and suppresses the user in later runs.
 * @throws {RunRefused} for an invalid user ID, or when rows hold other names; DestinationLocked while a run is at work; as
 * `Destination`
 */
export async function eraseUser(
  where: Erasure,
  { userId, asPeer, dryRun, stop, events }: EraseOptions,
): Promise<{ readonly destination: string; readonly erased: Erased }> {
  // A dry run changes nothing, the schema included.
  const place = dryRun ? { ...where, migrate: false } : where;
  return await withUser(place, { userId, stop, events }, async (destination, user) => {
    const erased = await destination.erase({ ...user, asPeer }, { dryRun });
    // After an erasure without --dry-run, these are of other users.
    for (const { message, hint } of unfinishedErasures(destination.name, await destination.suppressed()))
      events.onNotice(`${message}; ${hint}`);
    return { destination: destination.name, erased };
  });
}

/**
 * Lets later runs pull an erased user again. `wasSuppressed` is false for a user who was not suppressed.
 * @throws as `eraseUser`
 */
export async function unsuppress(
  where: Erasure,
  options: Omit<EraseOptions, 'asPeer' | 'dryRun'>,
): Promise<{ readonly destination: string; readonly wasSuppressed: boolean }> {
  return await withUser(where, options, async (destination, { name }) => ({
    destination: destination.name,
    wasSuppressed: await destination.unsuppress(name),
  }));
}

async function withUser<T>(
  where: Erasure,
  { userId, stop, events }: Omit<EraseOptions, 'asPeer' | 'dryRun'>,
  work: (destination: Destination, user: Omit<UserToErase, 'asPeer'>) => Promise<T>,
): Promise<T> {
  if (!mayBeUserId(Buffer.from(userId))) {
    throw new RunRefused(
      `the user to erase is not a user ID: expected 1 to ${MAX_USER_ID_BYTES} bytes without white space around them`,
    );
  }
  const names = idCodec(where.pseudonymize);
  const planned = names.toPlan(userId);
  const waiting = waitingOfRun({ maxOutageMs: where.maxOutageMs, stop, onNotice: events.onNotice });
  const wasExported = await hasRun({ ...where, waiting });
  const destination = await openDestination(asJob(where), stop, events);
  try {
    if (!wasExported && (await destination.suppressed()).isEmpty) throw noExportThere(destination, where);
    await refuseOtherNames(destination, names);
    return await work(destination, {
      sdkAppId: where.sdkAppId,
      keyFingerprint: names.keyFingerprint,
      name: names.toRow(planned),
      planned,
    });
  } finally {
    await destination.close();
  }
}

/** Whether the destination has an export of the app. Looking creates nothing. */
async function hasRun(where: Erasure & ArchivePlace): Promise<boolean> {
  await using archive = await openArchive(where);
  const { sdkAppId } = where;
  if ((await archive.runs({ sdkAppId, job: null }, 1)).length > 0) return true;
  if (!destinationKind(where.destination).erasureRemovesRuns) throw noExportThere(archive, where);
  return false;
}

/** Without this check, a mistyped destination looks as if it had no rows of the user. */
const noExportThere = ({ name }: { readonly name: string }, { sdkAppId }: Erasure): RunRefused =>
  new RunRefused(
    `${name} holds no run of app ${sdkAppId}, so there is no user to erase; compare --to, --schema and --sdk-app-id`,
  );

/** Under another name the user would not be found, and the erasure would seem complete. */
async function refuseOtherNames(destination: Destination, { keyFingerprint }: IdCodec): Promise<void> {
  const rows = await destination.storedKeyFingerprint('rows-and-plans');
  if (rows === null || rows.keyFingerprint === keyFingerprint) return;
  const why =
    rows.keyFingerprint === null
      ? 'its rows hold user IDs as they are; leave --pseudonymize out'
      : keyFingerprint === null
        ? 'its rows hold pseudonyms; name their key with --pseudonymize'
        : 'its rows hold pseudonyms under another key than that of --pseudonymize; name that one';
  throw new RunRefused(`${destination.name}: ${why}`);
}

const asJob = ({ destination, sdkAppId, migrate, keepRuns, maxOutageMs, caFile }: Erasure) => ({
  destination,
  api: { sdkAppId },
  run: { migrate, keepRuns, share: false, maxDurationMs: null },
  rows: { history: false },
  pull: { maxOutageMs },
  network: { caFile },
});
