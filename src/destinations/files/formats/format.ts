import type { Table } from '../../../rows/table.ts';
import type { Layout, RunLayout } from '../storage/layout.ts';
import type { FileContent } from './file-content.ts';
import type { FileFormatName } from './format-name.ts';

/** A row's values as text, in the order of the table's columns. Null is null, "" is the empty text. */
export type Fields = readonly (string | null)[];

/** A published file of a finished run. */
export type MadeFile = {
  /** Its path in the export's directory: `conversations.csv`, `conversations/part-00000.parquet`. */
  readonly name: string;
  /** Its path before it is published. */
  readonly path: string;
  readonly rows: number;
};

/**
 * The format of an export's files. Every run appends CSV, possibly compressed, to one file a table. When the run has finished,
 * the files for readers are made from these.
 */
export interface FileFormat {
  readonly name: FileFormatName;
  /** The name in `--to`. */
  readonly scheme: 'csv' | 'parquet';
  /** The name of a table's file, or of its directory, in the export's directory. */
  entry(table: Table): string;

  /** The start of a run's own file for a table. Its length never changes. */
  header(table: Table): Buffer;
  /** Encodes lines for a run's own file, so that the file can be truncated before and after them. */
  pack(lines: readonly Buffer[]): Promise<readonly Buffer[]>;
  /** The lines of a run's own file, complete or truncated between two appends. */
  unpack(pieces: AsyncIterable<Buffer>): AsyncIterable<Buffer>;

  /** @throws {InvalidDestination} when a package for the format is not installed, or cannot write in this directory */
  require(directory: string): void;
  /**
   * Makes the files for readers from a run's own files, durably. After a kill, it continues where it was.
   * @param rows in the run's own file of a table
   * @param check called before each step, to prevent it with an error
   */
  make(run: RunLayout, rows: (table: Table) => number, check: () => Promise<void>): Promise<void>;
  /** The files made for a table. @param rows in the run's own file of it */
  made(run: RunLayout, table: Table, rows: number): Promise<readonly MadeFile[]>;
  /** Puts the files of a table in their final place and replaces the old ones. Does nothing when that was done. */
  place(layout: Layout, table: Table): Promise<void>;

  /** The names of a table's files among the names in a manifest. */
  namesOf(table: Table, names: readonly string[]): readonly string[];
  /** The published rows of a table; none when there are no files. */
  records(layout: Layout, table: Table): AsyncIterable<Fields>;
  /** Reads all published files of a table. */
  content(layout: Layout, table: Table): Promise<FileContent>;
}
