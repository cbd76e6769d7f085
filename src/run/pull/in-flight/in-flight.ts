import { ScratchFile } from './scratch-file.ts';
import { ByteBudget } from './user-pages.ts';

const MIB = 1024 * 1024;

/**
 * Memory for rows that are pulled and not committed. The rest goes to temporary files, so memory depends neither on the number of
 * users nor on the size of their lists.
 */
export class InFlight {
  /** Pages of users whose last page has not come, as texts. As objects they take about twice as much. */
  readonly pages: ByteBudget;
  /** Encoded users of chunks that are not committed. */
  readonly rows: ByteBudget;
  readonly #directory: string;
  readonly #onNotice: (message: string) => void;
  #isReported = false;

  constructor(
    directory: string,
    onNotice: (message: string) => void,
    { pages = 8 * MIB, rows = 16 * MIB }: { readonly pages?: number; readonly rows?: number } = {},
  ) {
    this.pages = new ByteBudget(pages);
    this.rows = new ByteBudget(rows);
    this.#directory = directory;
    this.#onNotice = onNotice;
  }

  /** A file for the rows of one chunk that do not fit. */
  newFile(): ScratchFile {
    return new ScratchFile({
      directory: this.#directory,
      onFull: (message) => {
        if (!this.#isReported) this.#onNotice(message);
        this.#isReported = true;
      },
    });
  }
}
