/**
 * A value as one line of JSON. U+2028 and U+2029 are escaped, since some readers, such as newer versions of `readline`, end a
 * line there.
 */
export const jsonLine = (value: unknown): string =>
  `${JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
