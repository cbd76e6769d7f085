import type pg from 'pg';

/** A column of a result as the server describes it: the type is by its OID, the modifier -1 where there is none. */
export type ResultColumn = { readonly name: string; readonly typeId: number; readonly modifier: number };

/**
 * Which columns the result of a statement has, asked over the extended protocol, which takes no second statement
 * after a semicolon. Nothing is run; none for whatever has no result. Submit it to a client.
 */
export class ResultColumns implements pg.Submittable {
  /** Rejects with the server's error. */
  readonly columns: Promise<readonly ResultColumn[]>;
  readonly #statement: string;
  #columns: readonly ResultColumn[] = [];
  #tell: (columns: readonly ResultColumn[]) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(statement: string) {
    this.#statement = statement;
    this.columns = new Promise((resolve, reject) => {
      this.#tell = resolve;
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
    this.#tell(this.#columns);
  }

  handleError(error: unknown): void {
    this.#fail(error);
  }
}
