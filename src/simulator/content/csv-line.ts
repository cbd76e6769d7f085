/** RFC 4180. The empty string is quoted, so that it is not null. `\.` is quoted, so that no COPY ends there. */
const csvField = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return text === '' || text === '\\.' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One record with its line feed. */
export const csvLine = (values: readonly unknown[]): string => `${values.map(csvField).join(',')}\n`;
