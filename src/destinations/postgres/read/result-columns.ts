import type pg from 'pg';

/** A column of a result as the server describes it: the OID of its type, and the modifier, which is -1 if there is none. */
export type ResultColumn = { readonly name: string; readonly typeId: number; readonly modifier: number };

/**
 * The columns of a statement's result, read over the extended protocol, which accepts only one statement. The statement is not
 * run. A statement without a result has no columns. Submit it to a client.
 */
export class ResultColumns implements pg.Submittable {
  /** Rejects with the server's error. */
  readonly columns: Promise<readonly ResultColumn[]>;
  readonly #statement: string;
  #columns: readonly ResultColumn[] = [];
  #resolve: (columns: readonly ResultColumn[]) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(statement: string) {
    this.#statement = statement;
    this.columns = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#fail = reject;
    });
  }

  submit(connection: pg.Connection): void {
    connection.parse({ name: '', text: this.#statement, types: [] }, true);
    connection.describe({ name: '', type: 'S' }, true);
    connection.sync();
  }

  handleRowDescription({ fields }: { readonly fields: readonly pg.FieldDef[] }): void {
    this.#columns = fields.map(({ name, dataTypeID, dataTypeModifier }) => {
      return { name, typeId: dataTypeID, modifier: dataTypeModifier };
    });
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#columns);
  }

  handleError(error: unknown): void {
    this.#fail(error);
  }
}
