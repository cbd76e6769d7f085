import type { Secret } from '../../config/model/secret.ts';
import { DestinationError } from '../../destinations/contract/destination-error.ts';
import { pseudonymousRows } from '../../pseudonyms/pseudonymous-rows.ts';
import { Pseudonyms } from '../../pseudonyms/pseudonyms.ts';
import { pseudonymIn, SealBroken, SealedUsers } from '../../pseudonyms/sealed-users.ts';
import type { UserRows } from '../../rows/normalize.ts';
import { masked, withoutQuotes } from './without-quotes.ts';

/** What a run calls users: in its plan, towards the API, in rows, and to people. */
export type UserNames = {
  /** Tells the key of the pseudonyms from others; null where IDs are written as they are. */
  readonly keyCheck: string | null;
  /** What the plan, and every file on the way to it, holds of a user: equal for equal users. */
  planned(userId: string): string;
  /** A planned user's ID, for calls of the API and for nothing else. */
  called(planned: string): string;
  /** What rows and messages call a planned user. */
  inRows(planned: string): string;
  /** Rows as they are to be written. */
  rows(rows: UserRows, planned: string): UserRows;
  /** An error without what an answer of the API said, where that may be an ID. */
  tellable(error: unknown): unknown;
  /** A text of the program without what it quotes, where that may be an ID. */
  tellableText(text: string): string;
};

const asTheyAre: UserNames = {
  keyCheck: null,
  planned: (userId) => userId,
  called: (planned) => planned,
  inRows: (planned) => planned,
  rows: (rows) => rows,
  tellable: (error) => error,
  tellableText: (text) => text,
};

/** @param key the secret of `--pseudonymize`, or null */
export function userNames(key: Secret | null): UserNames {
  if (key === null) return asTheyAre;
  const bytes = Buffer.from(key.reveal());
  const pseudonyms = new Pseudonyms(bytes);
  const sealed = new SealedUsers(bytes, pseudonyms);
  return {
    keyCheck: pseudonyms.keyCheck,
    planned: (userId) => sealed.seal(userId),
    called: (planned) => opened(sealed, planned),
    inRows: pseudonymIn,
    rows: (rows, planned) => pseudonymousRows(rows, pseudonymIn(planned), pseudonyms),
    tellable: withoutQuotes,
    tellableText: masked,
  };
}

/** @throws {DestinationError} where the plan, which was sealed with this very key, is no more what it was */
function opened(sealed: SealedUsers, planned: string): string {
  try {
    return sealed.open(planned);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new DestinationError(`${error.message}: it was damaged; begin anew with --fresh`);
  }
}
