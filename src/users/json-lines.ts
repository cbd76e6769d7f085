import { isUtf8 } from 'node:buffer';
import { lines } from './lines.ts';
import type { ListEntry } from './list-entry.ts';
import { shownBytes } from './user-id.ts';

const MOST_LINE_BYTES = 1024 * 1024;
const DEFAULT_FIELD = 'user_id';

/**
 * The entries of a list with one JSON value a line (https://jsonlines.org), in batches: a string, a whole number, or an
 * object that has one of these in `field`.
 */
export async function* jsonLines(
  bytes: AsyncIterable<Buffer>,
  field: string | null,
): AsyncGenerator<ListEntry[]> {
  let line = 0;
  for await (const batch of lines(bytes, MOST_LINE_BYTES)) {
    yield batch.map((text) => {
      line += 1;
      const found = isBlank(text) ? null : idIn(text, field ?? DEFAULT_FIELD);
      return typeof found === 'string'
        ? { line, id: null, problem: found }
        : { line, id: found, problem: null };
    });
  }
}

// JSON allows white space around a value.
const isBlank = (bytes: Buffer): boolean =>
  bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

/** The bytes of the ID, or what is wrong with the line. */
function idIn(text: Buffer, field: string): Buffer | string {
  if (text.length > MOST_LINE_BYTES)
    return `a line has at most 1 MiB, this one has more: ${shownBytes(text)}`;
  if (!isUtf8(text)) return `not UTF-8: ${shownBytes(text)}`;
  let value: unknown;
  try {
    value = JSON.parse(text.toString('utf8'));
  } catch {
    return `not JSON: ${shownBytes(text)}`;
  }
  if (typeof value !== 'object' || value === null) {
    return (
      idOf(value, text) ??
      `expected a string or an object with the field ${JSON.stringify(field)}: ${shownBytes(text)}`
    );
  }
  if (!Object.hasOwn(value, field)) return `has no field ${JSON.stringify(field)}: ${shownBytes(text)}`;
  const id = idOf((value as Readonly<Record<string, unknown>>)[field], text);
  return (
    id ??
    `the field ${JSON.stringify(field)} is neither a string nor a whole number up to 2^53: ${shownBytes(text)}`
  );
}

/** @param text the line, for messages */
function idOf(value: unknown, text: Buffer): Buffer | string | null {
  if (Number.isSafeInteger(value)) return Buffer.from(String(value));
  if (typeof value !== 'string') return null;
  // An escape can write what no text can hold.
  return value.isWellFormed()
    ? Buffer.from(value)
    : `half a character (a lone surrogate): ${shownBytes(text)}`;
}
