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

/** A user who was let go before the end: not this chunk's any more. */
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
  // Neither writes any.
  dropExtra: rows.dropFreeText || rows.pseudonymize !== null,
  maxPages: pull.maxPages,
  ...about,
  dropFreeText: rows.dropFreeText,
});

export type PullContext = CallContext;

/**
 * One user of the plan in, that user's rows out, or the reason why not.
 *
 * @param take is given the rows in the same turn of the event loop in which the last page came. What a promise of long ago is
 * settled with stays until all memory is collected, whether anybody needs it or not: with the rows, and the texts of answers,
 * in them, `npm run bench -- pull` gave 0.33 for pages of 100 items in place of 0.46. Where `context.keep` has put pages out of
 * memory, `more` has the rest of the rows; to go through it throws what makes this user fail.
 * @throws what ends the run: {ApiUnusable}, an outage that lasts too long, a fault of the program
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
    // Whatever ended the last call: nobody waits for this user any more.
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
