import { isUtf8 } from 'node:buffer';
import { lines } from '../bytes/lines.ts';
import type { ListEntry } from '../list-source.ts';
import { shownBytes } from '../user-id.ts';
import { isWrittenWhole, writtenValues } from './json-value.ts';

const MAX_LINE_BYTES = 1024 * 1024;
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
  for await (const batch of lines(bytes, MAX_LINE_BYTES)) {
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

/** The bytes of the ID, or why the line is invalid. */
function idIn(line: Buffer, field: string): Buffer | string {
  if (line.length > MAX_LINE_BYTES) return `a line has at most 1 MiB, this one has more: ${shownBytes(line)}`;
  if (!isUtf8(line)) return `not UTF-8: ${shownBytes(line)}; save the list as UTF-8`;
  const json = line.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return `not JSON: ${shownBytes(line)}`;
  }
  if (Array.isArray(value)) return `a JSON array; expected one value a line: ${shownBytes(line)}`;
  if (typeof value !== 'object' || value === null) {
    return (
      readId(value, json.trim(), line) ??
      `expected a string or an object with the field ${JSON.stringify(field)}: ${shownBytes(line)}`
    );
  }
  if (!Object.hasOwn(value, field)) return `has no field ${JSON.stringify(field)}: ${shownBytes(line)}`;
  return idInField((value as Readonly<Record<string, unknown>>)[field], field, json, line);
}

function idInField(value: unknown, field: string, json: string, line: Buffer): Buffer | string {
  const quoted = JSON.stringify(field);
  // Checked only when it can matter: most lines hold one text. An escape may spell the name differently.
  const isRepeated = json.includes('\\') || json.indexOf(quoted) !== json.lastIndexOf(quoted);
  const written = typeof value === 'number' || isRepeated ? writtenValues(json, field) : [];
  if (written.length > 1) return `has the field ${quoted} ${written.length} times: ${shownBytes(line)}`;
  return (
    readId(value, written[0] ?? '', line) ??
    `the field ${quoted} is neither a string nor a whole number up to 2^53: ${shownBytes(line)}`
  );
}

/**
 * @param written the number as written
 * @param line for messages
 */
function readId(value: unknown, written: string, line: Buffer): Buffer | string | null {
  if (typeof value === 'number') {
    if (isWrittenWhole(written)) return Buffer.from(written);
    return Number.isSafeInteger(value)
      ? `a number that is not written as a whole one: ${shownBytes(line)}; write its digits alone, or a string`
      : null;
  }
  if (typeof value !== 'string') return null;
  // An escape can stand for characters that no text may hold.
  return value.isWellFormed()
    ? Buffer.from(value)
    : `half a character (a lone surrogate): ${shownBytes(line)}`;
}
