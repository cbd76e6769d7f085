import { DestinationError } from '../../destinations/contract/destination-error.ts';
import { pseudonymousRows } from '../../pseudonyms/pseudonymous-rows.ts';
import { Pseudonyms } from '../../pseudonyms/pseudonyms.ts';
import { pseudonymIn, SealBroken, SealedUsers } from '../../pseudonyms/sealed-users.ts';
import type { UserRows } from '../../rows/normalize.ts';
import type { Secret } from '../../secrets/secret.ts';
import { redactQuoted, redactQuotes } from './redact-quotes.ts';

/** The forms of a user ID: in the plan, towards the API, in rows, and in messages. */
export type IdCodec = {
  /** Identifies the pseudonym key; null when IDs are written unchanged. */
  readonly keyFingerprint: string | null;
  /** The form of a user ID in the plan and in every file before it. Equal for equal users. */
  toPlan(userId: string): string;
  /** The ID of a planned user for the API, and for nothing else. */
  toApi(planned: string): string;
  /** The form of a planned user's ID in rows and messages. */
  toRow(planned: string): string;
  /** Rows in the form to write. */
  rows(rows: UserRows, planned: string): UserRows;
  /** An error without the parts of an API answer that may be an ID. */
  redact(error: unknown): unknown;
  /** A text of the program without its quoted values, which may be IDs. */
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

/** @throws {DestinationError} when the plan, which was sealed with this key, was changed */
function opened(sealed: SealedUsers, planned: string): string {
  try {
    return sealed.open(planned);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new DestinationError(`${error.message}: it was damaged; start over with --fresh`);
  }
}
