import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  DestinationError,
  InvalidDestination,
} from '../../../../src/destinations/contract/destination-error.ts';
import { connect } from '../../../../src/destinations/postgres/connect/connection.ts';
import { makeAuthority } from '../../../support/certificates.ts';
import { makeDirectory, removeDirectory } from '../../../support/make-directory.ts';
import { startGuardedServer } from '../tls-ground.ts';

let place = '';
let home = '';
const ports = { good: 0, expired: 0, plain: 0 };
let socket = '';
const file = (name: string): string => join(place, name);

beforeAll(async () => {
  place = await makeDirectory();
  const [authority, other] = [await makeAuthority(), await makeAuthority()];
  const { ca } = authority;
  const own = await authority.issue('localhost');
  const mine = await authority.issue('certified');
  const good = await startGuardedServer(file('good'), { own, ca });
  const late = { own: await authority.issue('localhost', { isExpired: true }), ca };
  const expired = await startGuardedServer(file('expired'), late);
  const plain = await startGuardedServer(file('plain'), null);
  Object.assign(ports, { good: good.port, expired: expired.port, plain: plain.port });
  socket = good.url;
  await writeFile(file('ca.crt'), ca);
  await writeFile(file('other.crt'), other.ca);
  await writeFile(file('both.crt'), `${other.ca}\n${ca}`);
  await writeFile(file('mine.crt'), mine.cert);
  await writeFile(file('mine.key'), mine.key, { mode: 0o600 });
  return async () => {
    for (const server of [good, expired, plain]) await server.stop();
    await removeDirectory(place);
  };
});

let homes = 0;
beforeEach(async () => {
  homes += 1;
  home = file(`home${homes}`);
  await mkdir(join(home, '.postgresql'), { recursive: true });
  vi.stubEnv('HOME', home);
  for (const name of ['PGSSLMODE', 'PGSSLROOTCERT', 'PGSSLCERT', 'PGSSLKEY', 'PGPASSWORD', 'SSL_CERT_FILE'])
    vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

/** Whether a connection came about under TLS; paths in parameters are names in `place`. */
async function reach(
  user: string,
  parameters = '',
  { server = 'good' as keyof typeof ports, host = 'localhost', caFile = null as string | null } = {},
): Promise<boolean> {
  const query = parameters.replace(/=(\w+\.(?:crt|key))/g, (_, name) => `=${encodeURIComponent(file(name))}`);
  return await underTls(`postgres://${user}@${host}:${ports[server]}/postgres?${query}`, caFile);
}

async function underTls(url: string, caFile: string | null = null): Promise<boolean> {
  const client = await connect({ url, name: 'postgres://test', purpose: 'test', caFile });
  try {
    const { rows } = await client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    return rows[0]?.ssl === true;
  } finally {
    await client.end();
  }
}

const refusal = async (attempt: Promise<unknown>): Promise<unknown> =>
  await attempt.then(
    (value) => new Error(`connected: ${value}`),
    (error: unknown) => error,
  );

describe('sslmode', () => {
  test.each([
    ['sslmode=disable', 'anyone', false],
    ['sslmode=disable', 'tls_only', /no pg_hba.conf entry .*no encryption/],
    ['sslmode=allow', 'anyone', false],
    ['sslmode=allow', 'tls_only', true],
    ['', 'anyone', true],
    ['', 'plain_only', false],
    ['sslmode=prefer', 'tls_only', true],
    ['sslmode=prefer&sslrootcert=other.crt', 'anyone', true],
    ['sslmode=require', 'anyone', true],
    ['ssl=true', 'anyone', true],
    ['sslmode=require', 'plain_only', /no pg_hba.conf entry .*SSL encryption/],
    ['sslmode=require&sslrootcert=ca.crt', 'anyone', true],
    ['sslmode=require&sslrootcert=other.crt', 'anyone', /^sslmode=require: .*CERT|UNABLE_TO_VERIFY/],
    ['sslmode=verify-ca&sslrootcert=ca.crt', 'anyone', true],
    ['sslmode=verify-ca&sslrootcert=both.crt', 'anyone', true],
    ['sslmode=verify-ca&sslrootcert=other.crt', 'anyone', /^sslmode=verify-ca: .*(CERT|UNABLE_TO_VERIFY)/],
    ['sslmode=verify-full&sslrootcert=ca.crt', 'anyone', true],
    ['sslmode=verify-full&sslrootcert=ca.crt&ssl_min_protocol_version=TLSv1.3', 'anyone', true],
    ['sslmode=verify-full&sslrootcert=other.crt', 'anyone', /^sslmode=verify-full: /],
  ])('%s as %s: %s', async (parameters, user, end) => {
    const reached = reach(user, parameters);
    if (typeof end === 'boolean') expect(await reached).toBe(end);
    else expect(messageOf(await refusal(reached))).toMatch(end);
  });

  test.each([
    ['sslmode=prefer', false],
    ['sslmode=allow', false],
    ['sslmode=require', /^sslmode=require: The server does not support SSL/],
    ['sslmode=verify-full&sslrootcert=ca.crt', /^sslmode=verify-full: The server does not support SSL/],
  ])('%s to a server without TLS: %s', async (parameters, end) => {
    const reached = reach('anyone', parameters, { server: 'plain' });
    if (typeof end === 'boolean') expect(await reached).toBe(end);
    else expect(messageOf(await refusal(reached))).toMatch(end);
  });

  test('of a name that the certificate does not have: verify-ca passes, verify-full does not', async () => {
    const byAddress = { host: '127.0.0.1' };
    expect(await reach('anyone', 'sslmode=verify-ca&sslrootcert=ca.crt', byAddress)).toBe(true);
    const full = 'sslmode=verify-full&sslrootcert=ca.crt';
    expect(messageOf(await refusal(reach('anyone', full, byAddress)))).toMatch(/ALTNAME_INVALID/);
    // The certificate is checked against host, wherever hostaddr leads.
    expect(await reach('anyone', `${full}&hostaddr=127.0.0.1`)).toBe(true);
    const elsewhere = { host: 'db.example.com' };
    expect(await reach('anyone', 'sslmode=require&hostaddr=127.0.0.1', elsewhere)).toBe(true);
    expect(messageOf(await refusal(reach('anyone', `${full}&hostaddr=127.0.0.1`, elsewhere)))).toMatch(
      /db\.example\.com.*ALTNAME_INVALID/,
    );
  });

  test.each(['verify-ca', 'verify-full'])('an expired certificate is refused by %s', async (mode) => {
    const parameters = `sslmode=${mode}&sslrootcert=ca.crt`;
    expect(messageOf(await refusal(reach('anyone', parameters, { server: 'expired' })))).toMatch(
      `sslmode=${mode}: certificate has expired (CERT_HAS_EXPIRED)`,
    );
    expect(await reach('anyone', 'sslmode=require', { server: 'expired' })).toBe(true);
  });

  test('is ignored over a Unix socket', async () => {
    expect(await underTls(`${socket}&sslmode=verify-full`)).toBe(false);
    // Nor do variables for other servers matter there.
    vi.stubEnv('PGSERVICE', 'warehouse');
    vi.stubEnv('PGHOSTADDR', '192.0.2.1');
    expect(await underTls(socket)).toBe(false);
    expect(messageOf(await refusal(reach('anyone')))).toMatch(
      /^the variable PGSERVICE \(warehouse\) is not served/,
    );
  });
});

describe('root certificates', () => {
  test('are those of ~/.postgresql/root.crt where none are named, for require too', async () => {
    await writeFile(join(home, '.postgresql/root.crt'), 'x');
    for (const mode of ['require', 'verify-ca', 'verify-full'])
      expect(await refusal(reach('anyone', `sslmode=${mode}`))).toBeInstanceOf(DestinationError);
    vi.stubEnv('PGSSLROOTCERT', file('ca.crt'));
    vi.stubEnv('PGSSLMODE', 'verify-full');
    expect(await reach('anyone')).toBe(true);
  });

  test('are those of --ca-file where there are no others, though require does not verify by them', async () => {
    const [right, wrong] = [{ caFile: file('ca.crt') }, { caFile: file('other.crt') }];
    for (const mode of ['verify-ca', 'verify-full']) {
      expect(await reach('anyone', `sslmode=${mode}`, right)).toBe(true);
      expect(await refusal(reach('anyone', `sslmode=${mode}`, wrong))).toBeInstanceOf(DestinationError);
    }
    expect(await reach('anyone', 'sslmode=require', wrong)).toBe(true);
  });

  test.each(['require', 'verify-ca', 'verify-full'])(
    'are those of root.crt and of --ca-file together for %s',
    async (mode) => {
      const root = join(home, '.postgresql/root.crt');
      const reached = (caFile: string): Promise<boolean> =>
        reach('anyone', `sslmode=${mode}`, { caFile: file(caFile) });
      await copyFile(file('ca.crt'), root);
      expect(await reached('other.crt')).toBe(true);
      await copyFile(file('other.crt'), root);
      expect(await reached('ca.crt')).toBe(true);
      expect(await refusal(reached('other.crt'))).toBeInstanceOf(DestinationError);
    },
  );

  test('that are named count alone, whatever --ca-file and root.crt hold', async () => {
    const [right, wrong] = [{ caFile: file('ca.crt') }, { caFile: file('other.crt') }];
    await copyFile(file('ca.crt'), join(home, '.postgresql/root.crt'));
    for (const mode of ['require', 'verify-full']) {
      expect(await reach('anyone', `sslmode=${mode}&sslrootcert=ca.crt`, wrong)).toBe(true);
      const bad = reach('anyone', `sslmode=${mode}&sslrootcert=other.crt`, right);
      expect(await refusal(bad)).toBeInstanceOf(DestinationError);
    }
    vi.stubEnv('PGSSLROOTCERT', file('other.crt'));
    expect(await refusal(reach('anyone', 'sslmode=verify-full', right))).toBeInstanceOf(DestinationError);
    vi.stubEnv('SSL_CERT_FILE', file('other.crt'));
    expect(await refusal(reach('anyone', 'sslrootcert=system', right))).toBeInstanceOf(DestinationError);
  });

  test('of the system are asked for by sslrootcert=system, which means verify-full', async () => {
    vi.stubEnv('SSL_CERT_FILE', file('ca.crt'));
    expect(await reach('anyone', 'sslrootcert=system')).toBe(true);
    expect(messageOf(await refusal(reach('anyone', 'sslrootcert=system', { host: '127.0.0.1' })))).toMatch(
      /ALTNAME_INVALID/,
    );
    vi.stubEnv('SSL_CERT_FILE', file('other.crt'));
    expect(await refusal(reach('anyone', 'sslrootcert=system'))).toBeInstanceOf(DestinationError);
  });
});

describe('a certificate of our own', () => {
  test('is named by sslcert and sslkey', async () => {
    expect(await reach('certified', 'sslmode=require&sslcert=mine.crt&sslkey=mine.key')).toBe(true);
    expect(messageOf(await refusal(reach('certified', 'sslmode=require')))).toMatch(/certificate/);
    vi.stubEnv('PGSSLCERT', file('mine.crt'));
    vi.stubEnv('PGSSLKEY', file('mine.key'));
    expect(await reach('certified', 'sslmode=require')).toBe(true);
  });

  test('lies in ~/.postgresql', async () => {
    await copyFile(file('mine.crt'), join(home, '.postgresql/postgresql.crt'));
    expect(messageOf(await refusal(reach('certified', 'sslmode=require')))).toMatch(
      /^sslkey: .*postgresql\.key cannot be read: it does not exist \(ENOENT\)$/,
    );
    const key = join(home, '.postgresql/postgresql.key');
    await copyFile(file('mine.key'), key);
    expect(await reach('certified', 'sslmode=require')).toBe(true);
    await chmod(key, 0o644);
    expect(messageOf(await refusal(reach('certified', 'sslmode=require')))).toMatch(/^sslkey: .*chmod 600/);
  });
});

test.each([
  ['sslmode=no-verify', /^sslmode=no-verify: expected one of disable, allow, .*verify-full$/],
  ['sslmode=verify-full', /^sslmode=verify-full: there is no root certificate; .*sslrootcert.*--ca-file/],
  [
    'sslmode=require&sslrootcert=missing.crt',
    /^sslrootcert: .*missing\.crt cannot be read: it does not exist \(ENOENT\)$/,
  ],
  ['sslmode=require&sslrootcert=system', /^sslmode=require: sslrootcert=system asks for verify-full$/],
  ['sslmode=require&sslcert=missing.crt', /^sslcert: /],
  ['ssl_min_protocol_version=SSLv3', /^ssl_min_protocol_version=SSLv3: expected one of TLSv1, /],
  ['sslmodus=require', /^there is no parameter sslmodus, for psql neither; leave it out$/],
  ['target_session_attrs=standby', /^target_session_attrs \(standby\) is not served here/],
  ['service=warehouse', /^service \(warehouse\) is not served here/],
  ['host=a,b', /^several hosts \(a,b\) are not served; name one/],
  ['options=%zz', /^a % stands alone; write it as %25$/],
  ['channel_binding=yes', /^channel_binding=yes: expected one of disable, prefer, require$/],
  ['channel_binding=require&sslmode=disable', /^channel_binding=require needs TLS; write sslmode=require/],
  ['connect_timeout=soon', /^connect_timeout=soon: expected a whole number of seconds$/],
  ['port=99999', /^port 99999 is not one from 1 to 65535$/],
])('%s is refused before anything is connected, naming the parameter', async (parameters, said) => {
  const error = await refusal(reach('anyone', parameters));
  expect(error).toBeInstanceOf(InvalidDestination);
  expect(messageOf(error)).toMatch(said);
});

describe('channel_binding=require', () => {
  const parameters = 'sslmode=require&channel_binding=require';

  test('is served where the server proves that it is the one under TLS', async () => {
    vi.stubEnv('PGPASSWORD', 'sesam');
    expect(await reach('guarded', parameters)).toBe(true);
    expect(await reach('guarded', 'channel_binding=prefer&connect_timeout=10')).toBe(true);
    vi.stubEnv('PGCHANNELBINDING', 'require');
    expect(await reach('guarded', 'sslmode=require')).toBe(true);
  });

  test('is refused where the server asks for no such proof, or for none', async () => {
    const error = await refusal(reach('anyone', parameters));
    expect(error).toBeInstanceOf(DestinationError);
    expect(messageOf(error)).toBe(
      'channel_binding=require: the server does not offer SCRAM-SHA-256-PLUS; let it, or leave channel_binding out',
    );
  });

  test('never falls back to a connection without TLS', async () => {
    vi.stubEnv('PGPASSWORD', 'sesam');
    const error = await refusal(reach('anyone', 'channel_binding=require', { server: 'plain' }));
    expect(messageOf(error)).toMatch(/channel_binding=require needs TLS/);
  });
});

describe('a password', () => {
  const url = (user = 'guarded'): string => `postgres://${user}@localhost:${ports.good}/postgres`;

  test('comes from PGPASSWORD, PGUSER names the account', async () => {
    vi.stubEnv('PGPASSWORD', 'sesam');
    expect(await underTls(url())).toBe(true);
    vi.stubEnv('PGUSER', 'guarded');
    expect(await underTls(`postgres://localhost:${ports.good}/postgres`)).toBe(true);
  });

  test('comes from ~/.pgpass, by host, port, database and account', async () => {
    expect(messageOf(await refusal(underTls(url())))).toMatch(
      /^the server asks for the password of guarded: put it into PGPASSWORD or ~\/\.pgpass$/,
    );
    const lines = [
      '# who may',
      'localhost:1:*:guarded:wrong',
      `localhost:${ports.good}:post\\gres:guarded:sesam`,
    ];
    const passfile = join(home, '.pgpass');
    await writeFile(passfile, lines.join('\n'), { mode: 0o600 });
    expect(await underTls(url())).toBe(true);
    await chmod(passfile, 0o640);
    expect(messageOf(await refusal(underTls(url())))).toMatch(
      /^the password file .*\.pgpass may be read by others/,
    );
    // A user without a password is not asked for one.
    expect(await underTls(url('anyone'))).toBe(true);
    // A path that is no file holds no password, and is not an error.
    for (const none of ['/dev/null', place]) {
      vi.stubEnv('PGPASSFILE', none);
      expect(messageOf(await refusal(underTls(url())))).toMatch(
        /^the server asks for the password of guarded/,
      );
    }
    vi.stubEnv('PGPASSFILE', file('elsewhere'));
    await writeFile(file('elsewhere'), '*:*:*:*:ses\\:am\n', { mode: 0o600 });
    expect(messageOf(await refusal(underTls(url())))).toMatch(/password authentication failed/);
  });
});

/** The message of an error, without the database's name. */
const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^postgres:\/\/test: /, '');
