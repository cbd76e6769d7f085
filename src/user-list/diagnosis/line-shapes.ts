import { shownBytes } from '../user-id.ts';
import { howToGiveCsv, isJson } from './first-line.ts';

const QUOTE = 0x22;
const BRACE = 0x7b;
// With fewer lines, each may be a user ID that contains a comma or quotes.
const MIN_LINES = 3;
// An ID may contain a bar or a semicolon, like userid|123.
const HEADER = /^"?(user_id"?([,;\t|]|$)|user[ -]?id"?([,\t]|$))/i;
const LETTERS_OF_U = new Set([0x55, 0x75]);
const BAR = 0x7c;
const HEADER_IN_BARS = /^\| *user[_ -]?id *(\||$)/i;

/** Why a line cannot be in a list of IDs, whatever the other lines are; null when it can. */
export function shapeProblem(line: Buffer): string | null {
  if (line[0] === BRACE && isJson(line.toString('utf8')))
    return `JSON in a list of user IDs: ${shownBytes(line)}`;
  if (line[0] === BAR && HEADER_IN_BARS.test(line.toString('latin1')))
    return `the header of a drawn table in a list of user IDs: ${shownBytes(line)}`;
  // Two lists in one file: the second one's header.
  const mayBeHeader = LETTERS_OF_U.has(line[0] === QUOTE ? (line[1] ?? 0) : (line[0] ?? 0));
  return mayBeHeader && HEADER.test(line.toString('latin1', 0, 16))
    ? `the header of a CSV in a list of user IDs: ${shownBytes(line)}`
    : null;
}

type Wrapping = { readonly pattern: RegExp; readonly problem: (isStream: boolean) => string };

/** What programs put around every value of a list. A comma may follow all but the last, as in an array. */
const WRAPPINGS: readonly Wrapping[] = [
  {
    pattern: /^".+"[,;]?$/s,
    problem: (isStream) =>
      `every line is in quotes: of a CSV, ${howToGiveCsv(isStream)}; of JSON lines, let it end in .jsonl`,
  },
  {
    pattern: /^'.+'[,;]?$/s,
    problem: () => 'every line is in apostrophes; remove them',
  },
  {
    pattern: /^=".*"$/s,
    problem: () => 'every line is a formula of a spreadsheet (="…"); write the user IDs as text',
  },
  {
    pattern: /^(\|.*\||[+|][-+|=: ]+[+|])$/s,
    problem: () => 'every line is between bars, as in a drawn table; write one user ID a line',
  },
  { pattern: /^- /, problem: () => 'every line begins with "- ", as in YAML; remove it' },
];

/**
 * The common features of all lines. A single ID may contain a comma, or stand in quotes. If all lines do, the list is CSV or JSON
 * lines under a wrong name, or was printed by a program, and none of its lines is a user ID.
 */
export class LineShapes {
  #lines = 0;
  #wrappings = WRAPPINGS;
  /** How many of each separator every line has; 0 if lines differ, or have none. */
  readonly #separators = { ',': Number.NaN, ';': Number.NaN };

  add(line: Buffer): void {
    this.#lines += 1;
    if (this.#wrappings.length > 0) {
      const text = line.toString('latin1');
      this.#wrappings = this.#wrappings.filter(({ pattern }) => pattern.test(text));
    }
    this.#count(',', line);
    this.#count(';', line);
  }

  /** Why the whole list is invalid; null when it is valid. */
  problem(isStream: boolean): string | null {
    // A line with several separators is a row, or holds all users.
    const least = this.#lines < MIN_LINES ? 2 : 1;
    const separator = ([',', ';'] as const).find((one) => this.#separators[one] >= least);
    if (separator !== undefined) {
      return `every line has as many ${separator === ',' ? 'commas' : 'semicolons'} (${this.#separators[separator]}): ${
        separator === ',' ? '' : 'separate fields by commas, '
      }give it a header, and ${howToGiveCsv(isStream)}; user IDs with such characters fit into a CSV, in quotes`;
    }
    const [wrapping] = this.#wrappings;
    return wrapping === undefined || this.#lines < MIN_LINES ? null : wrapping.problem(isStream);
  }

  #count(separator: ',' | ';', line: Buffer): void {
    const before = this.#separators[separator];
    if (before === 0) return;
    const count = line.includes(separator)
      ? line
          .toString('latin1')
          .replaceAll(/"[^"]*"/g, '')
          .split(separator).length - 1
      : 0;
    this.#separators[separator] = Number.isNaN(before) || before === count ? count : 0;
  }
}
