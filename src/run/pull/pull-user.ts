import { pullPages } from '../../chat-api/pull-pages.ts';
import type { Job } from '../../config/model/job.ts';
import type { SuppressedUsers } from '../../destinations/contract/suppressed-users.ts';
import { OutageTooLong } from '../../resilience/circuit-breaker.ts';
import type { NormalizeOptions, UserRows } from '../../rows/normalize.ts';
import { InvalidPage } from '../../rows/page.ts';
import type { UnexportedUserRow } from '../../rows/tables.ts';
import { withoutFreeText } from '../../rows/without-free-text.ts';
import { type ApiCaller, type CallContext, newTally } from '../calls/api-caller.ts';
import { stopsTheRun } from '../calls/classify-failure.ts';
import { ApiUnusable } from '../errors/run-errors.ts';
import type { IdCodec } from '../ids/id-codec.ts';
import { dropSuppressedPeers } from './drop-suppressed-peers.ts';
import { userSlices } from './in-flight/user-slices.ts';
import { unexportedRow } from './unexported.ts';

/** The user was deferred, and no longer belongs to this chunk. */
export class Deferred extends Error {
  override readonly name = 'Deferred';
}

export type UserOutcome<T = unknown> =
  | { readonly kind: 'exported'; readonly taken: T }
  | { readonly kind: 'unexported'; readonly row: UnexportedUserRow }
  | { readonly kind: 'deferred' };

export type PullUserSettings = NormalizeOptions & {
  readonly maxPages: number;
  readonly names: IdCodec;
  readonly suppressed: SuppressedUsers;
  readonly dropFreeText: boolean;
};

export const pullUserSettings = (
  { api, pull, rows }: Job,
  about: Pick<PullUserSettings, 'names' | 'suppressed'>,
): PullUserSettings => ({
  sdkAppId: api.sdkAppId,
  unknownItems: rows.unknownItems,
  // Neither mode writes `extra`.
  dropExtra: rows.dropFreeText || rows.pseudonymize !== null,
  maxPages: pull.maxPages,
  ...about,
  dropFreeText: rows.dropFreeText,
});

export type PullContext = CallContext;

/**
 * Pulls one user of the plan. Returns the rows, or the reason why there are none.
 *
 * @param take is called with the rows in the turn of the event loop in which the last page came. The value of a promise that was
 * created long before stays in memory until a full garbage collection. With rows and texts of answers in such values, `npm run
 * bench -- pull` gave 0.33 instead of 0.46 for pages of 100 items. If `context.keep` has moved pages to a file, `more` yields the
 * remaining rows; it throws the error that fails the user.
 * @throws the error that ends the run: {ApiUnusable}, an outage that lasts too long, a fault of the program
 */
export async function pullUser<T>(
  planned: string,
  caller: ApiCaller,
  settings: PullUserSettings,
  context: PullContext,
  take: (rows: UserRows, more: Iterable<UserRows>) => T,
): Promise<UserOutcome<T>> {
  const own = newTally();
  const { names } = settings;
  const callContext = { ...context, name: names.toRow(planned), tallies: [own, ...context.tallies] };
  const userId = names.toApi(planned);
  const asWritten = (rows: UserRows): UserRows =>
    dropSuppressedPeers(
      names.rows(settings.dropFreeText ? withoutFreeText(rows) : rows, planned),
      settings.suppressed,
    );
  try {
    const pages = await pullPages(
      userId,
      (id, startIndex) => caller.page(id, startIndex, callContext),
      settings.maxPages,
    );
    const slices = userSlices(userId, pages, settings)[Symbol.iterator]();
    const rows = asWritten(slices.next().value);
    return { kind: 'exported', taken: take(rows, written(slices, asWritten)) };
  } catch (thrown) {
    const error = names.redact(
      thrown instanceof InvalidPage ? new InvalidPage(caller.redacted(thrown.message)) : thrown,
    );
    // Whatever ended the last call, no task waits for this user any longer.
    if (context.signal.aborted) return { kind: 'deferred' };
    if (error instanceof OutageTooLong) {
      const last = error.cause instanceof Error ? error.cause.message : String(error.cause);
      throw new ApiUnusable(`the API cannot be reached; last error: ${last}`, { cause: error });
    }
    if (stopsTheRun(error)) throw new ApiUnusable(error.message, { cause: error, apiCode: error.code });
    const row = unexportedRow(names.toRow(planned), settings.sdkAppId, error, own.calls);
    if (row === null) throw error;
    return { kind: 'unexported', row };
  }
}

function* written(slices: Iterator<UserRows>, asWritten: (rows: UserRows) => UserRows): Generator<UserRows> {
  for (let slice = slices.next(); slice.done !== true; slice = slices.next()) yield asWritten(slice.value);
}
