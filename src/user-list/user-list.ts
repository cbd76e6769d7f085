import { withFirstLine } from './diagnosis/first-line.ts';
import { csvRows } from './formats/csv-rows.ts';
import { idLines } from './formats/id-lines.ts';
import { jsonLines } from './formats/json-lines.ts';
import type { ListEntry, ListFormat, ListSource } from './list-source.ts';
import { userIdProblem } from './user-id.ts';
import { emptyList, UserListError } from './user-list-error.ts';

const MAX_PROBLEMS_REFUSED = 10;
const MAX_PROBLEMS_PASSED = 20;

// A few users may be called like that.
const MIN_FRACTIONS = 3;

/** Programs such as pandas write a column of whole numbers so when a value was missing. */
const onlyFractions = (name: string): UserListError =>
  new UserListError([
    `${name}: every user ID is a number that ends in .0; read the IDs as text in the program that wrote the list`,
  ]);

const readers: Readonly<Record<ListFormat, (source: ListSource) => AsyncIterable<ListEntry[]>>> = {
  lines: idLines,
  csv: csvRows,
  'json-lines': ({ bytes, column }) => jsonLines(bytes, column),
  rows: csvRows,
};

/** The user IDs of a source, each checked, repetitions included, and the counts of all other lines, once they are read. */
export class UserList {
  readonly #source: ListSource;
  readonly #maxBad: number;
  readonly #problems: string[] = [];
  #lines = 0;
  #blank = 0;
  #bad = 0;
  /** How many IDs are numbers with a fraction of zero. */
  #fractions = 0;

  /** @param maxBad how many invalid lines are skipped; with one more, the list is refused */
  constructor(source: ListSource, maxBad: number) {
    this.#source = source;
    this.#maxBad = maxBad;
  }

  /** Lines read so far, or rows without their header, and how many of them are blank or invalid. All others hold an ID. */
  get counts(): { readonly lines: number; readonly blank: number; readonly bad: number } {
    return { lines: this.#lines, blank: this.#blank, bad: this.#bad };
  }

  /** The first invalid lines, each with its place and the reason. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /**
   * The user IDs in the list's order, in batches; can be read once.
   * @throws {UserListError} when the list cannot be read, or, after its last line, for all invalid lines together
   */
  async *ids(): AsyncGenerator<string[]> {
    const source = this.#source;
    // A query's result needs no diagnosis.
    const bytes = source.format === 'rows' ? source.bytes : withFirstLine(source.bytes, source);
    for await (const entries of readers[source.format]({ ...source, bytes })) {
      const ids: string[] = [];
      for (const { line, id, problem } of entries) {
        this.#lines += 1;
        const wrong = problem ?? (id === null ? null : userIdProblem(id));
        if (wrong !== null) this.#note(line, wrong);
        else if (id === null) this.#blank += 1;
        else ids.push(this.#noted(id.toString('utf8')));
      }
      if (ids.length > 0) yield ids;
    }
    if (this.#bad > this.#maxBad) throw new UserListError(this.#refusal());
    const users = this.#lines - this.#blank - this.#bad;
    if (users >= MIN_FRACTIONS && users === this.#fractions) throw onlyFractions(source.name);
    if (users > 0) return;
    if (!this.#source.mayBeEmpty || this.#bad > 0) throw emptyList(this.#source.name);
  }

  #noted(id: string): string {
    if (id.endsWith('.0') && /^\d+\.0$/.test(id)) this.#fractions += 1;
    return id;
  }

  #note(line: number, problem: string): void {
    this.#bad += 1;
    if (this.#bad <= MAX_PROBLEMS_PASSED) this.#problems.push(`${this.#source.place(line)}: ${problem}`);
  }

  #refusal(): string[] {
    const { name } = this.#source;
    const shown = this.#problems.slice(0, MAX_PROBLEMS_REFUSED);
    const more = this.#bad - shown.length;
    if (more > 0) shown.push(`${name}: and ${more} more invalid ${more === 1 ? 'line' : 'lines'}`);
    if (this.#maxBad > 0)
      shown.push(`${name}: ${this.#bad} invalid lines; --max-bad-lines allows ${this.#maxBad}`);
    return shown;
  }
}
