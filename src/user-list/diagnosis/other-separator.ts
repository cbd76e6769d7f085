/** What other programs put between fields, under the name of CSV. */
const OTHERS = [';', '\t', '|'] as const;

/** What separates the fields of a header's first line in place of a comma; null when commas do, or nothing does. */
export function otherSeparator(header: string): string | null {
  const [line = ''] = header
    .replaceAll(/"(?:[^"]|"")*"/g, 'x')
    .replace(/^[\s,"]+/, '')
    .split(/[\r\n]/);
  return line.includes(',') ? null : (OTHERS.find((separator) => line.includes(separator)) ?? null);
}
