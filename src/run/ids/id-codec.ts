import type { Secret } from '../../config/model/secret.ts';
import { DestinationError } from '../../destinations/contract/destination-error.ts';
import { pseudonymousRows } from '../../pseudonyms/pseudonymous-rows.ts';
import { Pseudonyms } from '../../pseudonyms/pseudonyms.ts';
import { pseudonymIn, SealBroken, SealedUsers } from '../../pseudonyms/sealed-users.ts';
import type { UserRows } from '../../rows/normalize.ts';
import { redactQuoted, redactQuotes } from './redact-quotes.ts';

/** What a run calls users: in its plan, towards the API, in rows, and to people. */
export type IdCodec = {
  /** Tells the key of the pseudonyms from others; null where IDs are written as they are. */
  readonly keyFingerprint: string | null;
  /** What the plan, and every file on the way to it, holds of a user: equal for equal users. */
  toPlan(userId: string): string;
  /** A planned user's ID, for calls of the API and for nothing else. */
  toApi(planned: string): string;
  /** What rows and messages call a planned user. */
  toRow(planned: string): string;
  /** Rows as they are to be written. */
  rows(rows: UserRows, planned: string): UserRows;
  /** An error without what an answer of the API said, where that may be an ID. */
  redact(error: unknown): unknown;
  /** A text of the program without what it quotes, where that may be an ID. */
  redactText(text: string): string;
};

const asTheyAre: IdCodec = {
  keyFingerprint: null,
  toPlan: (userId) => userId,
  toApi: (planned) => planned,
  toRow: (planned) => planned,
  rows: (rows) => rows,
  redact: (error) => error,
  redactText: (text) => text,
};

/** @param key the secret of `--pseudonymize`, or null */
export function idCodec(key: Secret | null): IdCodec {
  if (key === null) return asTheyAre;
  const bytes = Buffer.from(key.reveal());
  const pseudonyms = new Pseudonyms(bytes);
  const sealed = new SealedUsers(bytes, pseudonyms);
  return {
    keyFingerprint: pseudonyms.keyFingerprint,
    toPlan: (userId) => sealed.seal(userId),
    toApi: (planned) => opened(sealed, planned),
    toRow: pseudonymIn,
    rows: (rows, planned) => pseudonymousRows(rows, pseudonymIn(planned), pseudonyms),
    redact: redactQuotes,
    redactText: redactQuoted,
  };
}

/** @throws {DestinationError} where the plan, which was sealed with this very key, is no more what it was */
function opened(sealed: SealedUsers, planned: string): string {
  try {
    return sealed.open(planned);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new DestinationError(`${error.message}: it was damaged; start over with --fresh`);
  }
}
