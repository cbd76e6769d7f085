import { quotedText } from '../characters.ts';
import type { ListFormat, ListSource } from '../list-source.ts';
import { shownBytes } from '../user-id.ts';
import { UserListError } from '../user-list-error.ts';

// A header has some hundred bytes. A list without a line end within this length has no header.
const MAX_BYTES = 64 * 1024;
const LF = 0x0a;

type About = Pick<ListSource, 'format' | 'isStream' | 'place'>;

/**
 * The bytes of a list, once its first line matches its format.
 * @throws {UserListError} for what spreadsheets and other programs write there, and for the first line of another format
 */
export async function* withFirstLine(bytes: AsyncIterable<Buffer>, about: About): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const piece of bytes) {
    if (head !== null) {
      head = Buffer.concat([head, piece]);
      if (firstLine(head) === null && head.length < MAX_BYTES) continue;
      refuse(head, about);
      yield head;
      head = null;
    } else yield piece;
  }
  if (head === null) return;
  refuse(head, about);
  yield head;
}

type Line = { readonly number: number; readonly text: Buffer };

/** The first line that is not blank; null until its end has come. */
function firstLine(head: Buffer): Line | null {
  let number = 0;
  let from = 0;
  for (let end = head.indexOf(LF); end !== -1; end = head.indexOf(LF, from)) {
    number += 1;
    const text = head.subarray(from, end);
    if (!isBlank(text)) return { number, text };
    from = end + 1;
  }
  return null;
}

const isBlank = (text: Buffer): boolean => text.every((byte) => BLANK.has(byte));
// White space, and separators of empty fields.
const BLANK = new Set([0x20, 0x09, 0x0d, 0x2c, 0x22]);

function refuse(head: Buffer, { format, isStream, place }: About): void {
  const { number, text } = firstLine(head) ?? { number: 1, text: head.subarray(0, MAX_BYTES) };
  const problem =
    lineEndProblem(head) ??
    spreadsheetProblem(text.toString('latin1').replace(/\r$/, '')) ??
    PROBLEMS[format]?.(text.toString('utf8').trim(), isStream) ??
    null;
  if (problem !== null) throw new UserListError([`${place(number)}: ${problem}`]);
}

/** Lines that end only in CR are one line for every reader. */
function lineEndProblem(head: Buffer): string | null {
  if (head.includes(LF)) return null;
  const text = head.toString('latin1').replaceAll(/"[^"]*"/g, 'x');
  return /\r[^\r]/.test(text)
    ? 'lines end in CR alone (U+000D); save the list with lines that end in LF or CRLF'
    : null;
}

function spreadsheetProblem(line: string): string | null {
  if (/^"?sep=.?"?$/i.test(line)) {
    return `the line ${quotedText(line)} is for Excel and no part of a CSV; remove it, and separate fields by commas`;
  }
  return /^"?#TYPE /i.test(line)
    ? 'the type line of PowerShell is no part of a CSV; remove it, or write the CSV with Export-Csv -NoTypeInformation'
    : null;
}

const PROBLEMS: Partial<Record<ListFormat, (line: string, isStream: boolean) => string | null>> = {
  lines: (line, isStream) =>
    isJson(line) ? `this looks like JSON; ${howToGiveJson(isStream)}` : headerProblem(line, isStream),
  csv: (line, isStream) =>
    isJson(line) ? `this looks like JSON, not CSV; ${howToGiveJson(isStream)}` : null,
  'json-lines': jsonLinesProblem,
};

/** Whether a text begins as an object or an array does. */
export const isJson = (text: string): boolean => /^(\{\s*("|\}|$)|\[\s*(["{[\]]|$|-?\d+\s*,))/.test(text);

const howToGiveJson = (isStream: boolean): string =>
  isStream
    ? 'a stream cannot hold JSON lines: write them to a file that ends in .jsonl, or write one user ID a line (jq -r .user_id)'
    : 'with one JSON value a line, let the name of the file end in .jsonl';

/** @param isStream whether an option, and not the name, says that it is CSV */
export const howToGiveCsv = (isStream: boolean): string =>
  isStream
    ? 'name the column with --user-column, and it is read as CSV'
    : 'let the name of the file end in .csv';

function headerProblem(line: string, isStream: boolean): string | null {
  const separator = /[,;\t|]/.exec(line.replaceAll(/"[^"]*"/g, ''))?.[0];
  // A drawn table has bars at its ends, too.
  const fields = (separator === '|' ? line.replaceAll(/^\||\|$/g, '') : line).split(separator ?? '\n');
  const others = fields.filter((field) => !isNamedUserId(field));
  if (others.length === fields.length) return null;
  // An ID may contain a bar or a semicolon, like auth0|123.
  if ((separator === '|' || separator === ';') && !others.every(isLikeName)) return null;
  const shown = shownBytes(Buffer.from(line));
  return separator === undefined || separator === ','
    ? `${shown} is the header of a CSV; ${howToGiveCsv(isStream)}`
    : `${shown} is the header of a table; separate its fields by commas, not by ${quotedText(separator)}, and ${howToGiveCsv(isStream)}`;
}

const isNamedUserId = (field: string): boolean =>
  field.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '') === 'userid';

/** Whether a field can be the name of a column. An ID has more digits. */
const isLikeName = (field: string): boolean =>
  /^\p{L}[\p{L}\p{M} _.-]*\d{0,2}$/u.test(field.replaceAll('"', '').trim());

function jsonLinesProblem(line: string): string | null {
  if (line.startsWith('[')) return 'a JSON array, not JSON lines; write one value a line (jq -c .[])';
  if (line === '{') return 'an object over several lines, not JSON lines; write one value a line (jq -c .)';
  return isObjectOrJson(line) ? null : headerProblem(line, false);
}

/** A long object may be cut off. */
function isObjectOrJson(line: string): boolean {
  if (line.startsWith('{')) return true;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
