import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type ServerVersion, serverUrl } from './servers.ts';

export interface TestDatabase {
  /** Connection string for node-postgres. */
  readonly url: string;
  /** Drops the database, whatever connections it has. */
  drop(): Promise<void>;
}

/**
 * A fresh, empty database on one of the suite's servers, in some 20 ms. Call it in `beforeAll`, `drop` in `afterAll`.
 * @param options.as the text after the name in `create database`
 */
export async function createDatabase({
  server = '18',
  name = `test_${randomBytes(6).toString('hex')}`,
  as = '',
}: {
  readonly server?: ServerVersion;
  readonly name?: string;
  readonly as?: string;
} = {}): Promise<TestDatabase> {
  const url = new URL(serverUrl(server));
  const onServer = (sql: string): Promise<void> => execute(serverUrl(server), sql);
  await onServer(`create database ${name} ${as}`);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(`drop database if exists ${name} with (force)`) };
}

async function execute(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
