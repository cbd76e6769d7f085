import { hostname } from 'node:os';
import pg from 'pg';
import { DestinationError } from '../destination-error.ts';

/** How to reach a database; the URL may hold a password and is never shown. */
export type ConnectionOptions = {
  readonly url: string;
  /** The same without the password, for messages. */
  readonly name: string;
  /** What the connection is for, as the server's list of connections shows it. */
  readonly purpose: string;
};

const CONNECT_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
const INT8 = 20;

const SETTINGS = [
  // The server's own side: it notices a peer that vanished without a word, and gives its locks free.
  'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3',
  "set lock_timeout = '60s'; set search_path = pg_catalog, pg_temp",
  // Whatever the database sets for its people: a plan is written for long, and the lock's connection is silent for hours.
  'set statement_timeout = 0; set idle_session_timeout = 0; set idle_in_transaction_session_timeout = 0',
  "set datestyle = 'ISO'; set default_transaction_isolation = 'read committed'",
].join('; ');

/**
 * Opens a connection. Each of its later errors is told by the query that it breaks.
 * @throws the server's or the system's error, of which `isConnectionLoss` tells whether trying again can help;
 * {DestinationError} when the driver cannot make use of the URL or of what the server asks for
 */
export async function connect({ url, name, purpose }: ConnectionOptions): Promise<pg.Client> {
  let client: pg.Client | undefined;
  try {
    client = new pg.Client({
      connectionString: asLibpqReads(url),
      application_name: applicationName(purpose),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      types: { getTypeParser },
    });
    // Without a listener, a connection that breaks while idle would end the process.
    client.on('error', () => {});
    await client.connect();
    await client.query(SETTINGS);
    return client;
  } catch (error) {
    await client?.end().catch(() => {});
    if (error instanceof pg.DatabaseError || isConnectionLoss(error)) throw error;
    // Not as the cause: it may hold the URL.
    throw new DestinationError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What the server's list of connections calls one of ours; PostgreSQL keeps 63 bytes of it. */
export const applicationName = (purpose: string): string =>
  `chat-export ${purpose}, process ${process.pid} on ${hostname()}`.slice(0, 63);

/** The driver has meanings of its own for `sslmode`, and warns of it on standard error, unless told to follow libpq. */
const asLibpqReads = (url: string): string =>
  /[?&]sslmode=/.test(url) && !url.includes('uselibpqcompat=') ? `${url}&uselibpqcompat=true` : url;

/** Whole numbers of 64 bits as numbers: counts and run numbers never come near 2^53. */
const getTypeParser = ((oid: number, format: 'text' | 'binary') =>
  oid === INT8 && format !== 'binary'
    ? Number
    : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

const LOST = /^(08|57P0[1235]|53300)/;
// The system's for sockets and names; ENOENT is a Unix socket that is not there.
const SOCKET = /^(EAI_AGAIN|ENOTFOUND|ENOENT|EPIPE|ETIMEDOUT|E(CONN|HOST|NET)[A-Z]+|EADDRNOTAVAIL)$/;

/** True when the connection, or the server, went away: the same may work over a new connection. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  // The driver has no codes of its own for these.
  const said =
    /^(Connection terminated|timeout expired|Client has encountered a connection error|Client was closed)/;
  return LOST.test(code) || SOCKET.test(code) || said.test(error.message);
}

/** True when a transaction may simply be tried again: it gave way to another one. */
export const isContention = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(40001|40P01|55P03)$/.test(String(error.code));

/** An error of the driver or the server as one of the destination; any other as it is. */
export function asPostgresError(error: unknown, name: string): unknown {
  if (!(error instanceof Error)) return error;
  const fromServer = error instanceof pg.DatabaseError;
  if (!fromServer && !isConnectionLoss(error)) return error;
  const code = 'code' in error && error.code !== undefined ? ` (${String(error.code)})` : '';
  const parts = error instanceof AggregateError ? error.errors.map((part) => String(part.message)) : [];
  const message = error.message || parts.join('; ') || error.name;
  return new DestinationError(`${name}: ${message}${code}`, { cause: error });
}
