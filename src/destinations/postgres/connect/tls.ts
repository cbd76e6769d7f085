import { access, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkServerIdentity, type SecureVersion, type ConnectionOptions as TlsOptions } from 'node:tls';
import { errorText } from '../../../errors/system-error.ts';
import { InvalidDestination } from '../../contract/destination-error.ts';
import type { ConnectionTarget, Parameter } from './connection-url.ts';
import { homeDirectory } from './home-directory.ts';

/** How to connect to a server: without TLS, or with these TLS settings. */
export type TlsAttempt = false | TlsOptions;

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof MODES)[number];

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** The files with a system's trusted certificates: Debian, Red Hat, Alpine and macOS. */
const SYSTEM_ROOTS = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/**
 * The ways to reach a server under its `sslmode`, in order, as in libpq (PostgreSQL's manual, "SSL Support"). The second is tried
 * only when the server itself refuses the first. A wrong certificate never leads to a connection without TLS.
 * @param caFile root certificates besides those of `~/.postgresql/root.crt`, if `sslrootcert` names none
 * @throws {InvalidDestination} naming the parameter
 */
export async function tlsAttempts(
  target: ConnectionTarget,
  name: string,
  caFile: string | null,
): Promise<{ readonly mode: Mode; readonly ways: readonly [TlsAttempt, ...TlsAttempt[]] }> {
  const refuse = (why: string): never => {
    throw new InvalidDestination(`${name}: ${why}`);
  };
  const { parameter } = target;
  const system = parameter('sslrootcert') === 'system';
  const said = parameter('sslmode') || (system ? 'verify-full' : 'prefer');
  const mode =
    MODES.find((one) => one === said) ?? refuse(`sslmode=${said}: expected one of ${MODES.join(', ')}`);
  // A Unix socket cannot be intercepted.
  if (target.address.startsWith('/')) return { mode, ways: [false] };
  if (system && mode !== 'verify-full') refuse(`sslmode=${mode}: sslrootcert=system asks for verify-full`);
  if (mode === 'disable') return { mode, ways: [false] };

  const read = async (what: Parameter, path: string): Promise<Buffer> =>
    await readFile(path).catch((error) => refuse(`${what}: ${path} cannot be read: ${errorText(error)}`));
  const base: TlsOptions = {
    ...(await clientCertificate(parameter, read, refuse)),
    ...versions(parameter, refuse),
    // The driver sends the name only when it connects by it.
    ...(target.address === target.host ? {} : { servername: target.host }),
  };
  if (mode === 'allow' || mode === 'prefer') {
    const unverified = { ...base, rejectUnauthorized: false };
    return { mode, ways: mode === 'allow' ? [false, unverified] : [unverified, false] };
  }
  const roots = system ? await systemRoots() : await rootCertificates(mode, parameter, caFile, read);
  if (roots === null) {
    if (mode === 'require') return { mode, ways: [{ ...base, rejectUnauthorized: false }] };
    refuse(
      `sslmode=${mode}: there is no root certificate; name a file with sslrootcert or --ca-file, ` +
        `put one to ${inHome('root.crt') ?? '~/.postgresql/root.crt'}, or write sslrootcert=system for those that the system trusts`,
    );
  }
  const crl = parameter('sslcrl') || (await ifThere(inHome('root.crl')));
  const verified: TlsOptions = {
    ...base,
    rejectUnauthorized: true,
    ...(roots === null || roots === 'built-in' ? {} : { ca: roots }),
    ...(crl ? { crl: await read('sslcrl', crl) } : {}),
    checkServerIdentity: (_, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(target.host, certificate) : undefined,
  };
  return { mode, ways: [verified] };
}

type Read = (what: Parameter, path: string) => Promise<Buffer>;

/** The root certificates for a mode that verifies; null when there are none. */
async function rootCertificates(
  mode: Mode,
  parameter: ConnectionTarget['parameter'],
  caFile: string | null,
  read: Read,
): Promise<Buffer[] | null> {
  const named = parameter('sslrootcert');
  // With sslrootcert, only its certificates count.
  if (named !== '') return [await read('sslrootcert', named)];
  const usual = await ifThere(inHome('root.crt'));
  const roots = usual === null ? [] : [await read('sslrootcert', usual)];
  // root.crt turns `require` into a mode that verifies. The other file does not: it may be meant for the API's proxy only.
  if (caFile !== null && (usual !== null || mode !== 'require')) {
    const added = await readFile(caFile).catch((error) => {
      throw new InvalidDestination(`--ca-file ${caFile} cannot be read: ${errorText(error)}`);
    });
    roots.push(added);
  }
  return roots.length === 0 ? null : roots;
}

/** The certificates that the system trusts. `built-in` if its file is unknown: the ones of Node.js. */
async function systemRoots(): Promise<Buffer | 'built-in'> {
  for (const path of [process.env.SSL_CERT_FILE ?? '', ...SYSTEM_ROOTS]) {
    if (path !== '' && (await ifThere(path)) !== null) return await readFile(path);
  }
  return 'built-in';
}

/** The client certificate, if there is one. */
async function clientCertificate(
  parameter: ConnectionTarget['parameter'],
  read: Read,
  refuse: (why: string) => never,
): Promise<TlsOptions> {
  const path = parameter('sslcert') || (await ifThere(inHome('postgresql.crt')));
  if (!path) return {};
  const cert = await read('sslcert', path);
  const keyPath =
    parameter('sslkey') || inHome('postgresql.key') || refuse('sslkey: name the file of the key');
  const key = await read('sslkey', keyPath);
  const { mode, uid } = await stat(keyPath);
  if ((mode & (uid === 0 ? 0o037 : 0o077)) !== 0) {
    refuse(`sslkey: ${keyPath} may be read by others: chmod 600 ${keyPath}`);
  }
  const passphrase = parameter('sslpassword');
  return { cert, key, ...(passphrase === '' ? {} : { passphrase }) };
}

function versions(parameter: ConnectionTarget['parameter'], refuse: (why: string) => never): TlsOptions {
  const read = (name: Parameter): SecureVersion | undefined => {
    const said = parameter(name);
    if (said !== '' && !VERSIONS.includes(said))
      refuse(`${name}=${said}: expected one of ${VERSIONS.join(', ')}`);
    return said === '' ? undefined : (said as SecureVersion);
  };
  const [minVersion, maxVersion] = [read('ssl_min_protocol_version'), read('ssl_max_protocol_version')];
  return { ...(minVersion && { minVersion }), ...(maxVersion && { maxVersion }) };
}

/** Null without a home directory. */
function inHome(file: string): string | null {
  const home = homeDirectory();
  return home === null ? null : join(home, '.postgresql', file);
}

const ifThere = async (path: string | null): Promise<string | null> =>
  path === null
    ? null
    : await access(path).then(
        () => path,
        () => null,
      );
