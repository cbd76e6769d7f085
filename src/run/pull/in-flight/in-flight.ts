import { ByteBudget } from './byte-budget.ts';
import { ScratchFile } from './scratch-file.ts';

const MIB = 1024 * 1024;

/**
 * Memory for what is pulled and not committed. More than that goes to temporary files, so that neither the number of users
 * who are being pulled nor what they have decides how much memory a run takes.
 */
export class InFlight {
  /** Pages of users whose last page has not come, as texts; as objects they take about twice as much. */
  readonly pages: ByteBudget;
  /** Encoded users of chunks that are not committed. */
  readonly rows: ByteBudget;
  readonly #directory: string;
  readonly #onNotice: (message: string) => void;
  #isTold = false;

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

  /** A file for what one chunk has no room for. */
  newFile(): ScratchFile {
    return new ScratchFile({
      directory: this.#directory,
      onFull: (message) => {
        if (!this.#isTold) this.#onNotice(message);
        this.#isTold = true;
      },
    });
  }
}
