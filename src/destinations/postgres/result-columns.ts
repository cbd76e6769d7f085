import type pg from 'pg';

/**
 * How many columns the result of a statement has, asked over the extended protocol, which takes no second statement
 * after a semicolon. Nothing is run; 0 for whatever has no result. Submit it to a client.
 */
export class ResultColumns implements pg.Submittable {
  /** Rejects with the server's error. */
  readonly count: Promise<number>;
  readonly #statement: string;
  #columns = 0;
  #tell: (count: number) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(statement: string) {
    this.#statement = statement;
    this.count = new Promise((resolve, reject) => {
      this.#tell = resolve;
      this.#fail = reject;
    });
  }

  submit(connection: pg.Connection): void {
    connection.parse({ name: '', text: this.#statement, types: [] }, true);
    connection.describe({ name: '', type: 'S' }, true);
    connection.sync();
  }

  handleRowDescription({ fields }: { readonly fields: readonly unknown[] }): void {
    this.#columns = fields.length;
  }

  handleReadyForQuery(): void {
    this.#tell(this.#columns);
  }

  handleError(error: unknown): void {
    this.#fail(error);
  }
}
