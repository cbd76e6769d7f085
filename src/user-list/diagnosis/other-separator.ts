/** Separators of other programs that write "CSV". */
const OTHERS = [';', '\t', '|'] as const;

/** The separator in a header's first line, if it is not a comma; null if it is, or if there is none. */
export function otherSeparator(header: string): string | null {
  const [line = ''] = header
    .replaceAll(/"(?:[^"]|"")*"/g, 'x')
    .replace(/^[\s,"]+/, '')
    .split(/[\r\n]/);
  return line.includes(',') ? null : (OTHERS.find((separator) => line.includes(separator)) ?? null);
}
