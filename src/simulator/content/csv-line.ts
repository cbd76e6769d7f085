/** RFC 4180; the empty string is quoted so that it is not null, and `\.` so that no COPY ends there. */
const csvField = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return text === '' || text === '\\.' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One record, its line feed included. */
export const csvLine = (values: readonly unknown[]): string => `${values.map(csvField).join(',')}\n`;
