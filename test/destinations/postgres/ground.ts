import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import {
  PostgresDestination,
  type PostgresOptions,
} from '../../../src/destinations/postgres/postgres-destination.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import type { ServerVersion } from '../../support/servers.ts';
import { app } from '../samples.ts';

/** A database for the tests of a file or a block, with its helpers. */
export class PostgresGround {
  #database: TestDatabase | null = null;
  #client: pg.Client | null = null;
  #schemas = 0;

  constructor(server: ServerVersion = '18') {
    beforeAll(async () => {
      this.#database = await createDatabase({ server });
      this.#client = await this.connect();
    });
    afterAll(async () => {
      await this.#client?.end();
      await this.#database?.drop();
    });
  }

  get url(): string {
    if (this.#database === null) throw new Error('there is no database yet');
    return this.#database.url;
  }

  /** A schema name of its own. */
  schema(): string {
    this.#schemas += 1;
    return `s${this.#schemas}`;
  }

  open(schema: string, change: Partial<PostgresOptions> = {}): Promise<PostgresDestination> {
    return PostgresDestination.open({
      url: this.url,
      name: 'postgres://test',
      schema,
      sdkAppId: app,
      migrate: true,
      history: false,
      keepRuns: 90,
      maxOutageMs: 20_000,
      stop: new AbortController().signal,
      events: { onOutage: () => {}, onNotice: () => {} },
      ...change,
    });
  }

  async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  async query(sql: string, args: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    if (this.#client === null) throw new Error('there is no connection yet');
    return (await this.#client.query(sql, [...args])).rows;
  }

  /** Ends the sessions of a purpose (`run`, `writer`) in this database, and waits until they are gone. */
  async terminate(purpose: string): Promise<number> {
    const rows = await this.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where datname = current_database() and application_name like $1`,
      [`chat-export ${purpose},%`],
    );
    return rows.length;
  }
}
