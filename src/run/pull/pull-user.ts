import { pullPages } from '../../chat-api/pull-pages.ts';
import type { Job } from '../../config/model/job.ts';
import type { ForgottenUsers } from '../../destinations/contract/forgotten-users.ts';
import { OutageTooLong } from '../../resilience/outage-watch.ts';
import type { NormalizeOptions, UserRows } from '../../rows/normalize.ts';
import { PageRefused } from '../../rows/page.ts';
import type { UnexportedUserRow } from '../../rows/tables.ts';
import { withoutFreeText } from '../../rows/without-free-text.ts';
import { stopsTheRun } from '../calls/call-fate.ts';
import { type CallContext, type Caller, newTally } from '../calls/caller.ts';
import { ApiUnusable } from '../errors/api-unusable.ts';
import type { UserNames } from '../names/user-names.ts';
import { userSlices } from './in-flight/user-slices.ts';
import { unexportedRow } from './unexported.ts';
import { withoutPeers } from './without-peers.ts';

/** A user who was let go before the end: not this chunk's any more. */
export class LetGo extends Error {
  override readonly name = 'LetGo';
}

export type UserOutcome<T = unknown> =
  | { readonly kind: 'exported'; readonly taken: T }
  | { readonly kind: 'unexported'; readonly row: UnexportedUserRow }
  | { readonly kind: 'let-go' };

export type PullSettings = NormalizeOptions & {
  readonly maxPages: number;
  readonly names: UserNames;
  readonly forgotten: ForgottenUsers;
  readonly dropFreeText: boolean;
};

export const pullSettings = (
  { api, pull, rows }: Job,
  about: Pick<PullSettings, 'names' | 'forgotten'>,
): PullSettings => ({
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
  caller: Caller,
  settings: PullSettings,
  context: PullContext,
  take: (rows: UserRows, more: Iterable<UserRows>) => T,
): Promise<UserOutcome<T>> {
  const own = newTally();
  const { names } = settings;
  const callContext = { ...context, name: names.inRows(planned), tallies: [own, ...context.tallies] };
  const userId = names.called(planned);
  const asWritten = (rows: UserRows): UserRows =>
    withoutPeers(
      names.rows(settings.dropFreeText ? withoutFreeText(rows) : rows, planned),
      settings.forgotten,
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
    const error = names.tellable(
      thrown instanceof PageRefused ? new PageRefused(caller.redacted(thrown.message)) : thrown,
    );
    // Whatever ended the last call: nobody waits for this user any more.
    if (context.signal.aborted) return { kind: 'let-go' };
    if (error instanceof OutageTooLong) {
      const last = error.cause instanceof Error ? error.cause.message : String(error.cause);
      throw new ApiUnusable(`the API cannot be reached; last seen: ${last}`, { cause: error });
    }
    if (stopsTheRun(error)) throw new ApiUnusable(error.message, { cause: error, apiCode: error.code });
    const row = unexportedRow(names.inRows(planned), settings.sdkAppId, error, own.calls);
    if (row === null) throw error;
    return { kind: 'unexported', row };
  }
}

function* written(slices: Iterator<UserRows>, asWritten: (rows: UserRows) => UserRows): Generator<UserRows> {
  for (let slice = slices.next(); slice.done !== true; slice = slices.next()) yield asWritten(slice.value);
}
