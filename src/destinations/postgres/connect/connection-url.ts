import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type DatabaseUrl, parseDatabaseUrl } from '../../../database-url/database-url.ts';
import { InvalidDestination } from '../../contract/destination-error.ts';

/** A connection's parameters, from its URL and libpq's variables. */
export type ConnectionTarget = {
  /** A name, an address or a socket's directory. Certificates and password files use it. */
  readonly host: string;
  /** Where to connect: `hostaddr`, else `host`. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** The value of any other supported parameter, from the URL or its variable; '' if neither has it. */
  readonly parameter: (name: Parameter) => string;
};

const SERVED = [
  ...['host', 'hostaddr', 'port', 'dbname', 'user', 'password', 'passfile', 'options', 'connect_timeout'],
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslpassword', 'sslcrl'],
  ...['ssl_min_protocol_version', 'ssl_max_protocol_version', 'channel_binding'],
] as const;
export type Parameter = (typeof SERVED)[number];

// Parameters that the program sets itself, or that have no effect here.
const PASSED_OVER: ReadonlySet<string> = new Set([
  ...['application_name', 'fallback_application_name', 'client_encoding', 'tcp_user_timeout'],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'uselibpqcompat'],
  ...['krbsrvname', 'gsslib', 'gssdelegation', 'servicefile', 'sslcompression'],
]);

/** Parameters of libpq that this program does not support, with their harmless values. */
const UNSERVED: Readonly<Record<string, readonly string[]>> = {
  // A standby refuses the first write by itself.
  target_session_attrs: ['any', 'read-write', 'primary'],
  load_balance_hosts: ['disable'],
  gssencmode: ['disable', 'prefer'],
  sslnegotiation: ['postgres'],
  sslcertmode: ['allow'],
  sslsni: ['1'],
  sslcrldir: [],
  require_auth: [],
  requirepeer: [],
  service: [],
  replication: [],
  min_protocol_version: ['3.0'],
  max_protocol_version: ['3.0', '3.2', 'latest'],
  sslkeylogfile: [],
  scram_client_key: [],
  scram_server_key: [],
  oauth_issuer: [],
  oauth_client_id: [],
  oauth_client_secret: [],
  oauth_scope: [],
};

const VARIABLES: Readonly<Record<string, string>> = {
  dbname: 'PGDATABASE',
  connect_timeout: 'PGCONNECT_TIMEOUT',
};
const pgVariable = (parameter: string): string =>
  VARIABLES[parameter] ?? `PG${parameter.replaceAll('_', '').toUpperCase()}`;

/**
 * Reads a connection URL as libpq does (PostgreSQL's manual, "Connection URIs" and "Environment Variables"). Variables fill in
 * what the URL leaves out.
 * @param name the URL without its password, for messages
 * @throws {InvalidDestination} naming the parameter that is wrong, unknown, or unsupported
 */
export function connectionTarget(
  url: string,
  name: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ConnectionTarget {
  const refuse = (why: string): never => {
    throw new InvalidDestination(`${name}: ${why}`);
  };
  const given = readParameters(url, refuse);
  const read = (parameter: string): string => {
    const variable = parameter === 'sslpassword' ? '' : pgVariable(parameter);
    // A secret from a file often ends with a line break.
    return given.get(parameter) || env[variable]?.replace(/\r?\n$/, '') || '';
  };
  for (const parameter of given.keys()) {
    const isKnown = (SERVED as readonly string[]).includes(parameter) || PASSED_OVER.has(parameter);
    if (isKnown || Object.hasOwn(UNSERVED, parameter)) continue;
    refuse(`there is no parameter ${parameter}, for psql neither; leave it out`);
  }
  // A variable must not replace the host of the URL.
  const hostaddr = given.has('host') ? (given.get('hostaddr') ?? '') : read('hostaddr');
  const port = Number(read('port') || 5432);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    refuse(`port ${read('port')} is not one from 1 to 65535`);
  const host = read('host') || hostaddr || hostHere(port);
  for (const [parameter, harmless] of Object.entries(UNSERVED)) {
    const value = read(parameter);
    if (value === '' || harmless.includes(value)) continue;
    // A variable for remote servers must not prevent a connection to a socket here.
    if (!given.has(parameter) && host.startsWith('/')) continue;
    const where = given.get(parameter) ? parameter : `the variable ${pgVariable(parameter)}`;
    refuse(`${where} (${value}) is not served here, unlike by psql; leave it out`);
  }
  if (`${host}${hostaddr}`.includes(',')) {
    refuse(`several hosts (${host}) are not served; name one, or an address that follows the primary`);
  }
  const user = read('user') || ownName(refuse);
  return {
    host,
    address: hostaddr || host,
    port,
    user,
    database: read('dbname') || user,
    parameter: read,
  };
}

/** @throws as `refuse` */
function readParameters(url: string, refuse: (why: string) => never): Map<string, string> {
  const read = (): DatabaseUrl => {
    try {
      return parseDatabaseUrl(url);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return refuse(error.message);
    }
  };
  const given = new Map(read().parameters);
  // The form of JDBC, which libpq accepts, too.
  if (given.get('ssl') === 'true') {
    given.delete('ssl');
    if (!given.has('sslmode')) given.set('sslmode', 'require');
  }
  return given;
}

/** The socket directories of Debian and of PostgreSQL itself. */
const SOCKETS = ['/var/run/postgresql', '/tmp'];

/** A socket of a server on this machine, as psql chooses it; without one, localhost. */
const hostHere = (port: number): string =>
  SOCKETS.find((dir) => existsSync(`${dir}/.s.PGSQL.${port}`)) ?? 'localhost';

/** The user of this process, as libpq takes it when no user is named. A container's user may have no name. */
function ownName(refuse: (why: string) => never): string {
  try {
    return userInfo().username;
  } catch {
    return refuse('the URL names no user; write postgres://USER@…, or set PGUSER');
  }
}
