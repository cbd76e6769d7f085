/** Counts what had to be replaced while a user's pages became rows. */
export type Replacements = { texts: number };

/**
 * The text with each U+0000 and lone surrogate as U+FFFD; counts a text that held one.
 * Both are legal in JSON, but PostgreSQL's text has no place for them.
 */
export function storableText(text: string, replaced: Replacements): string {
  if (text.isWellFormed() && !text.includes('\0')) return text;
  replaced.texts += 1;
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
