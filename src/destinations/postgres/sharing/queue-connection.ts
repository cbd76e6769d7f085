import type pg from 'pg';
import { withTimeout } from '../../../resilience/timeout.ts';
import { connect } from '../connect/connection.ts';
import type { ConnectionOptions } from '../connect/dial.ts';
import { farewell } from '../connect/farewell.ts';
import { ServerUnresponsive } from '../connect/server-errors.ts';
import type { BossDatabase } from './pg-boss.ts';

// A network that drops packets without a word would leave a statement without an answer for ever.
const ANSWERS_WITHIN_MS = 20_000;

/** The connection over which pg-boss works. It is opened again after it was lost; the statement that lost it fails. */
export class QueueConnection implements BossDatabase {
  readonly #options: ConnectionOptions;
  #client: Promise<pg.Client> | null = null;
  #isClosed = false;
  /** The last statement: one after the other, since the driver takes no second one while a first is under way. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
    const done = this.#last.then(() => this.#execute(text, values));
    this.#last = done.catch(() => {});
    return done;
  }

  async #execute(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
    const client = await this.#open();
    let result: pg.QueryResult | pg.QueryResult[];
    try {
      result = await withTimeout(client.query(text, values), {
        ms: ANSWERS_WITHIN_MS,
        onTimeout: unresponsive,
      });
    } catch (error) {
      // A text may hold `begin` and `commit`, and the error has left its transaction open.
      this.#client = null;
      await farewell(client);
      throw error;
    }
    // Some texts hold several statements.
    return Array.isArray(result) ? { rows: result.flatMap(({ rows }) => rows as unknown[]) } : result;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#client !== null) await farewell(this.#client);
  }

  #open(): Promise<pg.Client> {
    if (this.#isClosed) return Promise.reject(new Error('Client was closed'));
    if (this.#client !== null) return this.#client;
    const opening = connect(this.#options);
    this.#client = opening;
    const forget = (): void => {
      if (this.#client === opening) this.#client = null;
    };
    opening.then((client) => client.once('end', forget), forget);
    return opening;
  }
}

const unresponsive = (): never => {
  throw new ServerUnresponsive(`no answer within ${ANSWERS_WITHIN_MS / 1000} s`);
};
