import { chown, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedServer, startEmbeddedServer } from '../../../src/destinations/embedded/server.ts';
import type { Certificate } from '../../support/certificates.ts';
import { freePort } from '../../support/free-port.ts';

/** Accounts that the server takes over TLS alone, in plain alone, only with a certificate, and with a password. */
const RULES = `
hostssl   all tls_only   127.0.0.1/32 trust
hostnossl all plain_only 127.0.0.1/32 trust
hostssl   all certified  127.0.0.1/32 cert
host      all guarded    127.0.0.1/32 scram-sha-256
host      all anyone     127.0.0.1/32 trust
local     all all                     trust
`;

/** A server with these accounts on a port of 127.0.0.1, under TLS where it has a certificate. */
export async function startGuardedServer(
  dir: string,
  tls: { readonly own: Certificate; readonly ca: string } | null,
): Promise<EmbeddedServer & { readonly port: number }> {
  const first = await startEmbeddedServer({ dir, durable: false });
  const client = new pg.Client({ connectionString: first.url });
  await client.connect();
  for (const account of ['tls_only', 'plain_only', 'certified', 'anyone'])
    await client.query(`create role ${account} login`);
  await client.query("create role guarded login password 'sesam'");
  await client.end();
  await first.stop();
  const { uid, gid } = await stat(dir);
  const put = async (name: string, text: string): Promise<void> => {
    await writeFile(join(dir, name), text, { mode: 0o600 });
    await chown(join(dir, name), uid, gid);
  };
  await put('pg_hba.conf', RULES);
  if (tls !== null) {
    await put('server.crt', tls.own.cert);
    await put('server.key', tls.own.key);
    await put('root.crt', tls.ca);
    const settings = await readFile(join(dir, 'postgresql.conf'), 'utf8');
    await put('postgresql.conf', `${settings}\nssl = on\nssl_ca_file = 'root.crt'\n`);
  }
  const port = await freePort();
  return { ...(await startEmbeddedServer({ dir, durable: false, port })), port };
}
