import type { FileFormatName } from '../../../config/model/job.ts';
import type { Table } from '../../../rows/table.ts';
import type { Layout, RunLayout } from '../storage/layout.ts';
import type { FileContent } from './file-content.ts';

/** A row's values as text, in the order of the table's columns; null is null, and "" the empty text. */
export type Fields = readonly (string | null)[];

/** A file that a finished run hands over. */
export type MadeFile = {
  /** As readers see it, from the export's directory on: `conversations.csv`, `conversations/part-00000.parquet`. */
  readonly name: string;
  /** Where it is until then. */
  readonly path: string;
  readonly rows: number;
};

/**
 * What the files of an export look like. Every run appends CSV to files of its own, one a table, which some forms pack;
 * what readers see is made of those when the run has finished.
 */
export interface FileFormat {
  readonly name: FileFormatName;
  /** Of `--to`. */
  readonly scheme: 'csv' | 'parquet';
  /** What a table's name in the export's directory is: of a file, or of a directory with its files. */
  entry(table: Table): string;

  /** What a run's own file of a table begins with; always as long as itself. */
  header(table: Table): Buffer;
  /** Lines as they are appended to a run's own file, so that it can be cut before and after them. */
  pack(lines: readonly Buffer[]): Promise<readonly Buffer[]>;
  /** The lines of a run's own file, or of one that was cut where it may be. */
  unpack(pieces: AsyncIterable<Buffer>): AsyncIterable<Buffer>;

  /** @throws {InvalidDestination} when what makes the files is not installed, or cannot make them in this directory */
  require(directory: string): void;
  /**
   * Makes of a run's own files those that readers will see, durably. Done again after a kill, it goes on where it was.
   * @param rows in the run's own file of a table
   * @param check called before each step, to prevent it with an error
   */
  make(run: RunLayout, rows: (table: Table) => number, check: () => Promise<void>): Promise<void>;
  /** What was made of a table. @param rows in the run's own file of it */
  made(run: RunLayout, table: Table, rows: number): Promise<readonly MadeFile[]>;
  /** Puts what was made of a table where readers look, in place of what is there; nothing when that was done. */
  place(layout: Layout, table: Table): Promise<void>;

  /** Of the names in a manifest, those of a table's files. */
  namesOf(table: Table, names: readonly string[]): readonly string[];
  /** The rows of a table as readers see them; none when there are no files. */
  records(layout: Layout, table: Table): AsyncIterable<Fields>;
  /** Reads all that is published of a table. */
  content(layout: Layout, table: Table): Promise<FileContent>;
}
