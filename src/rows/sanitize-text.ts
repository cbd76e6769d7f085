/** Counts the replaced characters while a user's pages become rows. */
export type Replacements = { texts: number };

/** Whether a text can be stored unchanged. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/**
 * The text with each U+0000 and lone surrogate as U+FFFD; counts a changed text. Both are legal in JSON, but PostgreSQL's text
 * cannot hold them.
 */
export function sanitizeText(text: string, replaced: Replacements): string {
  if (isStorable(text)) return text;
  replaced.texts += 1;
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
