/** A text as SQL writes it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A path as SQL writes it where it could be a pattern, too. */
export const quotedPath = (path: string): string => quoted(path.replaceAll(/[*?[]/g, '[$&]'));
