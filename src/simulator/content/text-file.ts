import { type FileHandle, open } from 'node:fs/promises';

const BATCH_CHARACTERS = 65_536;

/** A text file written in batches, so that memory does not grow with it. */
export class TextFile {
  readonly #file: FileHandle;
  #batch = '';

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Creates or truncates the file. Rejects with the file system's error. */
  static async create(path: string): Promise<TextFile> {
    return new TextFile(await open(path, 'w'));
  }

  /** Adds text; there is nothing to await until a batch is full. */
  add(text: string): Promise<void> | undefined {
    this.#batch += text;
    return this.#batch.length > BATCH_CHARACTERS ? this.flush() : undefined;
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = '';
    await this.#file.appendFile(batch);
  }

  /** Closes the file and drops unwritten text. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}
