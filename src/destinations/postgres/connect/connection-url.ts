import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type DatabaseUrl, parseDatabaseUrl } from '../../../database-url/database-url.ts';
import { InvalidDestination } from '../../contract/destination-error.ts';

/** What a URL and libpq's variables say of a connection. */
export type ConnectionTarget = {
  /** A name, an address or a socket's directory: what certificates and password files speak of. */
  readonly host: string;
  /** Where to connect: `hostaddr`, else `host`. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** The value of any other parameter that is served, from the URL or its variable; '' where neither has it. */
  readonly parameter: (name: Parameter) => string;
};

const SERVED = [
  ...['host', 'hostaddr', 'port', 'dbname', 'user', 'password', 'passfile', 'options', 'connect_timeout'],
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslpassword', 'sslcrl'],
  ...['ssl_min_protocol_version', 'ssl_max_protocol_version', 'channel_binding'],
] as const;
export type Parameter = (typeof SERVED)[number];

// What the program decides itself, or what changes nothing for it.
const PASSED_OVER: ReadonlySet<string> = new Set([
  ...['application_name', 'fallback_application_name', 'client_encoding', 'tcp_user_timeout'],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'uselibpqcompat'],
  ...['krbsrvname', 'gsslib', 'gssdelegation', 'servicefile', 'sslcompression'],
]);

/** What libpq serves and this program does not, with the values that ask for nothing. */
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
const variableOf = (parameter: string): string =>
  VARIABLES[parameter] ?? `PG${parameter.replaceAll('_', '').toUpperCase()}`;

/**
 * Reads a connection URL as libpq does (PostgreSQL's manual, "Connection URIs" and "Environment Variables"): what the
 * URL leaves open, the variables say.
 * @param name the URL without its password, for messages
 * @throws {InvalidDestination} naming the parameter that is wrong, unknown, or libpq's alone
 */
export function connectionTarget(
  url: string,
  name: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ConnectionTarget {
  const refuse = (why: string): never => {
    throw new InvalidDestination(`${name}: ${why}`);
  };
  const given = parametersOf(url, refuse);
  const read = (parameter: string): string => {
    const variable = parameter === 'sslpassword' ? '' : variableOf(parameter);
    // A secret that is kept in a file often ends with a line.
    return given.get(parameter) || env[variable]?.replace(/\r?\n$/, '') || '';
  };
  for (const parameter of given.keys()) {
    const isKnown = (SERVED as readonly string[]).includes(parameter) || PASSED_OVER.has(parameter);
    if (isKnown || Object.hasOwn(UNSERVED, parameter)) continue;
    refuse(`there is no parameter ${parameter}, for psql neither; leave it out`);
  }
  // A variable is no reason to leave the host that the URL names.
  const hostaddr = given.has('host') ? (given.get('hostaddr') ?? '') : read('hostaddr');
  const port = Number(read('port') || 5432);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    refuse(`port ${read('port')} is not one from 1 to 65535`);
  const host = read('host') || hostaddr || hostHere(port);
  for (const [parameter, harmless] of Object.entries(UNSERVED)) {
    const value = read(parameter);
    if (value === '' || harmless.includes(value)) continue;
    // Nor is one that is set for servers far away in the way to a socket here.
    if (!given.has(parameter) && host.startsWith('/')) continue;
    const where = given.get(parameter) ? parameter : `the variable ${variableOf(parameter)}`;
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
function parametersOf(url: string, refuse: (why: string) => never): Map<string, string> {
  const read = (): DatabaseUrl => {
    try {
      return parseDatabaseUrl(url);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return refuse(error.message);
    }
  };
  const given = new Map(read().parameters);
  // As JDBC writes it; libpq takes it too.
  if (given.get('ssl') === 'true') {
    given.delete('ssl');
    if (!given.has('sslmode')) given.set('sslmode', 'require');
  }
  return given;
}

/** Where servers of this machine put their sockets: Debian's way, and PostgreSQL's own. */
const SOCKETS = ['/var/run/postgresql', '/tmp'];

/** A socket of a server on this machine, as for psql; where there is none, the machine itself. */
const hostHere = (port: number): string =>
  SOCKETS.find((dir) => existsSync(`${dir}/.s.PGSQL.${port}`)) ?? 'localhost';

/** Who runs this, as libpq takes it where nobody is named; a container's user may have no name. */
function ownName(refuse: (why: string) => never): string {
  try {
    return userInfo().username;
  } catch {
    return refuse('the URL names no user; write postgres://USER@…, or set PGUSER');
  }
}
