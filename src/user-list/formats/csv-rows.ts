import { type InfoRecord, type Parser, parse } from 'csv-parse';
import { LineFeeds } from '../bytes/line-feeds.ts';
import { quotedText } from '../characters.ts';
import { otherSeparator } from '../diagnosis/other-separator.ts';
import type { ListEntry, ListSource } from '../list-source.ts';
import { UserListError } from '../user-list-error.ts';
import { userColumn } from './user-column.ts';

// Rows hold more than the ID. But a row without an end comes from a quote that was never closed.
const MAX_ROW_BYTES = 1024 * 1024;
const MAX_PIECE_BYTES = 64 * 1024;
const MAX_HEAD_BYTES = 4096;
const BYTES = 'latin1';

/**
 * The entries of a CSV with a header (RFC 4180; lines end in LF or CRLF), in batches: from each row the field with the ID, as
 * bytes.
 * @throws {UserListError} when no column fits, and when a quote is out of place: what follows cannot be told from quoted text
 */
export async function* csvRows(source: ListSource): AsyncGenerator<ListEntry[]> {
  const rows = new Rows(source);
  for await (const piece of source.bytes) {
    for (let from = 0; from < piece.length; from += MAX_PIECE_BYTES) {
      const entries = await rows.take(piece.subarray(from, from + MAX_PIECE_BYTES));
      if (entries.length > 0) yield entries;
    }
  }
  yield await rows.end();
}

/** Feeds a CSV to the parser: pieces in, entries out. */
class Rows {
  readonly #source: ListSource;
  readonly #parser: Parser;
  readonly #lineFeeds = new LineFeeds();
  #entries: ListEntry[] = [];
  #idAt = -1;
  #header: readonly string[] = [];
  /** The header's names, without white space at their ends, in lower case. */
  #titles: readonly string[] = [];
  /** The raw text of the header's beginning; null once it has been read. */
  #head: Buffer | null = Buffer.alloc(0);
  #row = 0;
  /** The start of the current row: its line, and its offset. */
  #line = 1;
  #from = 0;
  #taken = 0;

  constructor(source: ListSource) {
    this.#source = source;
    this.#parser = parse({
      // One character a byte: an ID is checked by its bytes. Decoding would replace invalid bytes silently.
      encoding: BYTES,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      on_record: (fields: unknown, { bytes }: InfoRecord) => {
        this.#onRow(fields as string[], bytes);
        return null;
      },
    });
    // The parser reports an error at the write that causes it.
    this.#parser.on('error', () => {});
  }

  async take(piece: Buffer): Promise<ListEntry[]> {
    if (this.#taken - this.#from > MAX_ROW_BYTES) {
      throw this.#broken(
        this.#source.format === 'rows'
          ? 'has over 1 MiB; select the user ID alone'
          : 'the row that begins here has over 1 MiB; is a closing quote missing?',
      );
    }
    this.#lineFeeds.add(piece);
    this.#taken += piece.length;
    if (this.#head !== null && this.#head.length < MAX_HEAD_BYTES) {
      this.#head = Buffer.concat([this.#head, piece.subarray(0, MAX_HEAD_BYTES)]);
    }
    return await this.#given((done) => this.#parser.write(piece, done));
  }

  end(): Promise<ListEntry[]> {
    // The parser's last records come after the last write, and its `end` hides their errors.
    return this.#given((done) => {
      this.#parser
        .once('error', done)
        .once('end', () => done())
        .resume();
      this.#parser.end();
    });
  }

  async #given(give: (done: (error?: Error | null) => void) => void): Promise<ListEntry[]> {
    await new Promise<void>((resolve, reject) => {
      give((error) => (error ? reject(error) : resolve()));
    }).catch((error) => {
      throw error instanceof UserListError
        ? error
        : this.#broken(this.#separatorProblem ?? plainMessage(error));
    });
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  #onRow(fields: readonly string[], end: number): void {
    const line = this.#line;
    const lineFeeds = this.#lineFeeds.countTo(end);
    this.#line += lineFeeds;
    this.#from = end;
    const isOfQuery = this.#source.format === 'rows';
    // Spreadsheets write such rows for lines that were emptied. In a query's result, an empty field is a null.
    if (!isOfQuery && fields.every(isBlank)) this.#entries.push({ line, id: null, problem: null });
    else if (this.#idAt === -1) this.#onHeader(fields, isOfQuery ? 0 : line);
    else {
      this.#row += 1;
      this.#entries.push(this.#entryOf(fields, isOfQuery ? this.#row : line));
    }
  }

  #onHeader(fields: readonly string[], line: number): void {
    const names = fields.map((field) => Buffer.from(field, BYTES));
    this.#idAt = userColumn(names, this.#source, this.#source.place(line));
    this.#header = fields;
    this.#titles = fields.map(titleOf);
    this.#head = null;
  }

  #entryOf(fields: readonly string[], line: number): ListEntry {
    if (fields.length !== this.#header.length) {
      const has = fields.length === 1 ? '1 field' : `${fields.length} fields`;
      const problem = `the row has ${has}, the header has ${this.#header.length}`;
      return { line, id: null, problem };
    }
    const id = fields[this.#idAt] ?? '';
    // A user ID may equal the column's name. A row that equals the whole header is the header again.
    if (this.#source.format === 'csv') {
      const repeats = this.#repeatsHeader(fields);
      if (repeats === 'in order') {
        return { line, id: null, problem: `the row repeats the header ${quotedText(id)}; remove it` };
      }
      // The rows below it are not skipped with it: their IDs are in another column.
      if (repeats === 'in another order') {
        throw new UserListError([
          `${this.#source.place(line)}: the row is a header with the same columns in another order; give each list its own file`,
        ]);
      }
    }
    if (id !== '') return { line, id: Buffer.from(id, BYTES), problem: null };
    const problem = `the user ID is ${this.#source.format === 'rows' ? 'null or empty' : 'empty'}`;
    return { line, id: null, problem };
  }

  /** Whether a row has the names of the header, white space and case aside; null for all others. */
  #repeatsHeader(fields: readonly string[]): 'in order' | 'in another order' | null {
    if (!fields.every((field) => this.#titles.includes(titleOf(field)))) return null;
    const titles = fields.map(titleOf);
    if (titles.every((title, at) => title === this.#titles[at])) return 'in order';
    const sorted = (all: readonly string[]): string => JSON.stringify([...all].sort());
    return sorted(titles) === sorted(this.#titles) ? 'in another order' : null;
  }

  /** A closing quote without a comma after it: why a file with another separator cannot be read. */
  get #separatorProblem(): string | null {
    const separator = this.#head === null ? null : otherSeparator(this.#head.toString('latin1'));
    return separator && `the separator must be a comma, not ${quotedText(separator)}`;
  }

  #broken(sentence: string): UserListError {
    const { format, place } = this.#source;
    return new UserListError([`${place(format === 'rows' ? this.#row + 1 : this.#line)}: ${sentence}`]);
  }
}

const titleOf = (name: string): string => name.trim().toLowerCase();

const isBlank = (field: string): boolean => /^[ \t\r\n]*$/.test(field);

const WORDINGS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened in the row that begins here, and never closed',
  CSV_INVALID_CLOSING_QUOTE:
    'in the row that begins here, something follows a closing quote; a quote within quotes is written twice',
  INVALID_OPENING_QUOTE:
    'in the row that begins here, a quote stands inside a field without quotes; quote the field, and write the quote twice',
};

function plainMessage(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const said = error instanceof Error ? error.message : String(error);
  return WORDINGS[code] ?? `the CSV cannot be read: ${said}`;
}
