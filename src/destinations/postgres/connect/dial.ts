import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import pg from 'pg';
import { ChatExportError } from '../../../errors/chat-export-error.ts';
import { DestinationError, InvalidDestination } from '../../contract/destination-error.ts';
import type { Waiting } from '../../contract/waiting.ts';
import { type ConnectionTarget, connectionTarget } from './connection-url.ts';
import { openSocket } from './open-socket.ts';
import { passwordFromFile } from './password-file.ts';
import { isConnectionLoss, ServerUnresponsive } from './server-errors.ts';
import { type TlsAttempt, tlsAttempts } from './tls.ts';

/** How to reach a database. The URL may hold a password and is never shown. */
export type ConnectionOptions = {
  readonly url: string;
  /** The same without the password, for messages. */
  readonly name: string;
  /** The purpose of the connection, for the server's list of connections. */
  readonly purpose: string;
  /** Root certificates besides those of `~/.postgresql/root.crt`, where `sslrootcert` names none. */
  readonly caFile?: string | null | undefined;
  /** How long others may keep it waiting; without it, as long as the server allows. */
  readonly waiting?: Waiting | undefined;
};

const CONNECT_TIMEOUT_MS = 15_000;
/** libpq treats 1 as 2. */
const MIN_TIMEOUT_S = 2;
/** A server must identify itself within this time after a slow connect. */
const MIN_GREETING_MS = 1_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
const INT8 = 20;

/** Opens a connection without sending a statement. @throws as `connect` does */
export async function dial({ url, name, purpose, caFile = null }: ConnectionOptions): Promise<pg.Client> {
  const target = connectionTarget(url, name);
  const { mode, ways } = await tlsAttempts(target, name, caFile);
  for (const [i, way] of ways.entries()) {
    try {
      return await dialWith(target, way, name, purpose);
    } catch (error) {
      if (i < ways.length - 1 && isOfEncryption(error)) continue;
      if (error instanceof ChatExportError || error instanceof pg.DatabaseError || isConnectionLoss(error))
        throw error;
      const said = error instanceof Error ? error.message : String(error);
      const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      const where = isOfTls(error) ? `sslmode=${mode}: ` : '';
      // Not as the cause: it may contain the password.
      throw new DestinationError(`${name}: ${where}${said}${code}`);
    }
  }
  throw new Error('unreachable: the last way returns or throws');
}

async function dialWith(
  target: ConnectionTarget,
  ssl: TlsAttempt,
  name: string,
  purpose: string,
): Promise<pg.Client> {
  const { address, port, user, database, parameter } = target;
  const password = parameter('password');
  const binding = channelBinding(target, name);
  if (binding === 'require' && ssl === false) {
    throw new InvalidDestination(
      `${name}: channel_binding=require needs TLS; write sslmode=require or stronger`,
    );
  }
  const withinMs = connectTimeout(target, name);
  const began = performance.now();
  const socket = await openSocket(address, port, withinMs);
  const left = withinMs - (performance.now() - began);
  const client = new pg.Client({
    stream: () => asUnconnected(socket),
    host: address,
    port,
    user,
    database,
    ssl,
    // The driver would read PGSSLNEGOTIATION and break on a socket. Over a network, the value was refused before.
    sslnegotiation: 'postgres',
    // Read only when the server asks for a password.
    password: password === '' ? () => findPassword(target, name) : password,
    ...(parameter('options') === '' ? {} : { options: parameter('options') }),
    enableChannelBinding: binding === 'require',
    application_name: applicationName(purpose),
    connectionTimeoutMillis: Math.max(MIN_GREETING_MS, left),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types: { getTypeParser },
  });
  // Without a listener, a connection that breaks while idle would end the process.
  client.on('error', () => {});
  if (binding === 'require') requireBinding(client, name);
  try {
    return await client.connect();
  } catch (error) {
    await client.end().catch(() => {});
    // The driver's message for it.
    const isLate = error instanceof Error && error.message === 'timeout expired';
    throw isLate ? new ServerUnresponsive(`no answer within ${withinMs / 1000} s`) : error;
  }
}

/** The time limit for connecting; 0 means none. @throws {InvalidDestination} */
function connectTimeout({ parameter }: ConnectionTarget, name: string): number {
  const said = parameter('connect_timeout');
  if (!/^-?\d*$/.test(said)) {
    throw new InvalidDestination(`${name}: connect_timeout=${said}: expected a whole number of seconds`);
  }
  const seconds = Number(said);
  return seconds > 0 ? Math.max(seconds, MIN_TIMEOUT_S) * 1000 : CONNECT_TIMEOUT_MS;
}

const BINDINGS = ['disable', 'prefer', 'require'] as const;

/** @throws {InvalidDestination} for a value that libpq does not know */
function channelBinding({ parameter }: ConnectionTarget, name: string): (typeof BINDINGS)[number] {
  const said = parameter('channel_binding') || 'prefer';
  const found = BINDINGS.find((one) => one === said);
  if (found !== undefined) return found;
  throw new InvalidDestination(`${name}: channel_binding=${said}: expected one of ${BINDINGS.join(', ')}`);
}

/** Ends the connection before a password or query is sent, if the server does not bind its proof to the channel. */
function requireBinding(client: pg.Client, name: string): void {
  const { connection } = client as unknown as { readonly connection: EventEmitter & { stream: Socket } };
  let isBound = false;
  const end = (): void => {
    if (isBound) return;
    const why = 'the server does not offer SCRAM-SHA-256-PLUS; let it, or leave channel_binding out';
    // Before the driver reads the rest of the server's message.
    connection.emit('error', new DestinationError(`${name}: channel_binding=require: ${why}`));
    connection.stream.destroy();
  };
  connection.prependListener('authenticationSASL', ({ mechanisms }: { readonly mechanisms: string[] }) => {
    isBound = mechanisms.includes('SCRAM-SHA-256-PLUS');
    end();
  });
  for (const other of ['authenticationCleartextPassword', 'authenticationMD5Password', 'authenticationOk'])
    connection.prependListener(other, end);
}

/** The driver connects a socket itself; this one is connected. */
function asUnconnected(socket: Socket): Socket {
  socket.connect = () => {
    process.nextTick(() => socket.emit('connect'));
    return socket;
  };
  return socket;
}

async function findPassword(target: ConnectionTarget, name: string): Promise<string> {
  const password = await passwordFromFile(target, name);
  if (password !== null) return password;
  throw new DestinationError(
    `${name}: the server asks for the password of ${target.user}: put it into PGPASSWORD or ~/.pgpass`,
  );
}

const NO_TLS = 'The server does not support SSL connections';

/** The server refused this way, and may accept the other: it has no TLS, or no rule that admits this client. */
const isOfEncryption = (error: unknown): boolean =>
  error instanceof Error &&
  (error.message === NO_TLS ||
    // In any language, the message names the file.
    ('code' in error && error.code === '28000' && error.message.includes('pg_hba.conf')));

const isOfTls = (error: unknown): boolean =>
  error instanceof Error &&
  (error.message === NO_TLS ||
    ('code' in error && /CERT|^ERR_(SSL|TLS|OSSL)|^UNABLE_TO|^EPROTO|^HOSTNAME/.test(String(error.code))));

/** The name of a connection in the server's list. PostgreSQL keeps 63 bytes of it. */
export const applicationName = (purpose: string): string =>
  `chat-export ${purpose}, process ${process.pid} on ${hostname()}`.slice(0, 63);

/** 64-bit integers as numbers: counts and run numbers never come near 2^53. */
const getTypeParser = ((oid: number, format: 'text' | 'binary') =>
  oid === INT8 && format !== 'binary'
    ? Number
    : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;
