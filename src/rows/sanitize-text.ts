/** Counts what had to be replaced while a user's pages became rows. */
export type Replacements = { texts: number };

/** Whether a text is stored as it is. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/**
 * The text with each U+0000 and lone surrogate as U+FFFD; counts a text that held one.
 * Both are legal in JSON, but PostgreSQL's text has no place for them.
 */
export function sanitizeText(text: string, replaced: Replacements): string {
  if (isStorable(text)) return text;
  replaced.texts += 1;
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
