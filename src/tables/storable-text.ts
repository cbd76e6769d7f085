// Lone surrogates and U+0000 are legal in JSON, but PostgreSQL's text has no place for them.
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** Counts what had to be replaced while a user's pages became rows. */
export type Replacements = { texts: number };

/** The text with each U+0000 and lone surrogate as U+FFFD; counts a text that held one. */
export function storableText(text: string, replaced: Replacements): string {
  if (!UNSTORABLE.test(text)) return text;
  replaced.texts += 1;
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
