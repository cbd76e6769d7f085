import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import pg from 'pg';
import { DestinationError, DestinationUnusable } from '../destination-error.ts';
import { type ConnectionTarget, connectionTarget } from './connection-url.ts';
import { openSocket } from './open-socket.ts';
import { passwordFromFile } from './password-file.ts';
import { isConnectionLoss, NoAnswer } from './server-errors.ts';
import { type Way, waysTo } from './tls.ts';
import type { Waiting } from './waiting.ts';

/** How to reach a database; the URL may hold a password and is never shown. */
export type ConnectionOptions = {
  readonly url: string;
  /** The same without the password, for messages. */
  readonly name: string;
  /** What the connection is for, as the server's list of connections shows it. */
  readonly purpose: string;
  /** Root certificates besides those of `~/.postgresql/root.crt`, where `sslrootcert` names none. */
  readonly caFile?: string | null | undefined;
  /** How long others may keep it waiting; where it is left out, as long as the server lets it wait. */
  readonly waiting?: Waiting | undefined;
};

const CONNECT_TIMEOUT_MS = 15_000;
/** What a server that was reached late has to say who it is. */
const MIN_GREETING_MS = 1_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
const INT8 = 20;

/** Opens a connection as the server makes it: nothing was said over it. @throws as `connect` does */
export async function dial({ url, name, purpose, caFile = null }: ConnectionOptions): Promise<pg.Client> {
  const target = connectionTarget(url, name);
  const { mode, ways } = await waysTo(target, name, caFile);
  for (const [i, way] of ways.entries()) {
    try {
      return await dialWith(target, way, name, purpose);
    } catch (error) {
      if (i < ways.length - 1 && isOfEncryption(error)) continue;
      const isTold = error instanceof DestinationError || error instanceof DestinationUnusable;
      if (isTold || error instanceof pg.DatabaseError || isConnectionLoss(error)) throw error;
      const said = error instanceof Error ? error.message : String(error);
      const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      const where = isOfTls(error) ? `sslmode=${mode}: ` : '';
      // Not as the cause: it may hold the password.
      throw new DestinationError(`${name}: ${where}${said}${code}`);
    }
  }
  throw new Error('unreachable: the last way returns or throws');
}

async function dialWith(
  target: ConnectionTarget,
  ssl: Way,
  name: string,
  purpose: string,
): Promise<pg.Client> {
  const { address, port, user, database, parameter } = target;
  const password = parameter('password');
  const began = performance.now();
  const socket = await openSocket(address, port, CONNECT_TIMEOUT_MS);
  const left = CONNECT_TIMEOUT_MS - (performance.now() - began);
  const client = new pg.Client({
    stream: () => asUnconnected(socket),
    host: address,
    port,
    user,
    database,
    ssl,
    // The driver would read PGSSLNEGOTIATION, and break over a socket; what is asked for over a network is refused before.
    sslnegotiation: 'postgres',
    // Asked only when the server asks for one.
    password: password === '' ? () => passwordOf(target, name) : password,
    ...(parameter('options') === '' ? {} : { options: parameter('options') }),
    application_name: applicationName(purpose),
    connectionTimeoutMillis: Math.max(MIN_GREETING_MS, left),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types: { getTypeParser },
  });
  // Without a listener, a connection that breaks while idle would end the process.
  client.on('error', () => {});
  try {
    return await client.connect();
  } catch (error) {
    await client.end().catch(() => {});
    // The driver's words for it.
    const isLate = error instanceof Error && error.message === 'timeout expired';
    throw isLate ? new NoAnswer(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`) : error;
  }
}

/** The driver connects a socket itself; this one is. */
function asUnconnected(socket: Socket): Socket {
  socket.connect = () => {
    process.nextTick(() => socket.emit('connect'));
    return socket;
  };
  return socket;
}

async function passwordOf(target: ConnectionTarget, name: string): Promise<string> {
  const password = await passwordFromFile(target, name);
  if (password !== null) return password;
  throw new DestinationError(
    `${name}: the server asks for the password of ${target.user}: put it into PGPASSWORD or ~/.pgpass`,
  );
}

const NO_TLS = 'The server does not support SSL connections';

/** The server itself refuses this way, and may take the other: it has no TLS, or no rule that lets this client in. */
const isOfEncryption = (error: unknown): boolean =>
  error instanceof Error &&
  (error.message === NO_TLS ||
    // Whatever the server's language, it names the file.
    ('code' in error && error.code === '28000' && error.message.includes('pg_hba.conf')));

const isOfTls = (error: unknown): boolean =>
  error instanceof Error &&
  (error.message === NO_TLS ||
    ('code' in error && /CERT|^ERR_(SSL|TLS|OSSL)|^UNABLE_TO|^EPROTO|^HOSTNAME/.test(String(error.code))));

/** What the server's list of connections calls one of ours; PostgreSQL keeps 63 bytes of it. */
export const applicationName = (purpose: string): string =>
  `chat-export ${purpose}, process ${process.pid} on ${hostname()}`.slice(0, 63);

/** Whole numbers of 64 bits as numbers: counts and run numbers never come near 2^53. */
const getTypeParser = ((oid: number, format: 'text' | 'binary') =>
  oid === INT8 && format !== 'binary'
    ? Number
    : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;
