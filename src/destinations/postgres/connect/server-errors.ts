import pg from 'pg';
import { DestinationError } from '../../contract/destination-error.ts';

const LOST = /^(08|57P0[1235]|53300)/;
// Another try does not help when access is denied or the database is missing.
const REFUSED = /^(28|3D000)/;
// The system's codes for sockets and names; ENOENT is a missing Unix socket.
const SOCKET = /^(EAI_AGAIN|ENOTFOUND|ENOENT|EPIPE|ETIMEDOUT|E(CONN|HOST|NET)[A-Z]+|EADDRNOTAVAIL)$/;

/** The server accepts data and does not answer. */
export class ServerUnresponsive extends Error {
  override readonly name = 'ServerUnresponsive';
}

/** The session with the lock has ended at the server, and its connection was not notified. */
export class LockSessionGone extends Error {
  override readonly name = 'LockSessionGone';
}

/** True when the connection or the server was lost: the same work may succeed over a new connection. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof ServerUnresponsive || error instanceof LockSessionGone) return true;
  const code = 'code' in error ? String(error.code) : '';
  // Poolers have messages and codes of their own for a server that is unreachable or full.
  if (isFatal(error) && !REFUSED.test(code)) return true;
  // The driver has no codes for these.
  const said = /^(Connection terminated|Client has encountered a connection error|Client was closed)/;
  return LOST.test(code) || SOCKET.test(code) || said.test(error.message);
}

/** Marks a server error that ended the session; leaves other errors unchanged. */
export function fatal(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) error.severity = 'FATAL';
  return error;
}

const isFatal = (error: Error): boolean => error instanceof pg.DatabaseError && error.severity === 'FATAL';

/** True when the server takes no writes now: it is a standby, or is read-only. */
export const isReadOnly = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '25006';

/** True for a serialization failure or a deadlock: the transaction can be tried again. */
export const isContention = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(40001|40P01)$/.test(String(error.code));

/** True when another session held a lock for as long as `lock_timeout` allows. */
export const isLockTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '55P03';

// Hints by the server's code (PostgreSQL's manual, appendix A).
const hints: readonly (readonly [codes: RegExp, hint: string])[] = [
  [/53100/, 'free some space there'],
  [
    /42501/,
    'ask its owner to grant it, or apply what chat-export migrate sql prints; docs/postgresql.md lists what roles need',
  ],
  [/25006/, 'name the server that takes writes, or allow writes again (default_transaction_read_only)'],
  [/53300/, 'close other connections, or raise max_connections'],
  [/28P01/, 'compare user and password (PGPASSWORD, ~/.pgpass, or the URL in CHAT_EXPORT_TO)'],
  [/28000/, "check whether the server's pg_hba.conf admits this user from here"],
  [/3D000/, 'create the database, or name another one'],
  [/57P03/, 'wait until the server has started'],
  [/ECONNREFUSED|ENOENT/, 'check whether the server runs, and compare host and port'],
  [/ENOTFOUND|EAI_AGAIN/, 'compare the host, and check name resolution'],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, 'check the network path to the server: address, network, firewall'],
];

/** Converts an error of the driver or the server to one of the destination; leaves other errors unchanged. */
export function asPostgresError(error: unknown, name: string): unknown {
  if (!(error instanceof Error)) return error;
  const fromServer = error instanceof pg.DatabaseError;
  if (!fromServer && !isConnectionLoss(error)) return error;
  const code = 'code' in error && error.code !== undefined ? ` (${String(error.code)})` : '';
  const parts = error instanceof AggregateError ? error.errors.map((part) => String(part.message)) : [];
  const message = error.message || parts.join('; ') || error.name;
  const shown = message.includes(code.slice(2, -1)) ? '' : code;
  const hint = hints.find(([codes]) => codes.test(code))?.[1];
  return new DestinationError(`${name}: ${message}${shown}${hint === undefined ? '' : `; ${hint}`}`, {
    cause: error,
  });
}
