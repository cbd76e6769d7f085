import { readFileSync } from 'node:fs';
import tls, { type SecureContext } from 'node:tls';

// Since Node.js 22.15; the types are those of the oldest supported version.
type CaGetter = { readonly getCACertificates?: (type: 'default') => string[] };

/**
 * The trusted certificates of TLS when some (PEM) are added to those of Node.js; undefined when none are added. Made once for all
 * connections: reading the roots takes some milliseconds.
 */
export function withExtraCa(ca: readonly string[]): SecureContext | undefined {
  // A `ca` replaces what Node.js trusts, so all of it is listed.
  return ca.length === 0 ? undefined : tls.createSecureContext({ ca: [...trustedByNode(), ...ca] });
}

function trustedByNode(): readonly string[] {
  const { getCACertificates } = tls as CaGetter;
  if (getCACertificates !== undefined) return getCACertificates('default');
  return [...tls.rootCertificates, ...extraCertificates()];
}

/** Node.js reads this variable once, from its own process, and only warns when it cannot read the file. */
function extraCertificates(): string[] {
  const { NODE_EXTRA_CA_CERTS: file } = process.env;
  if (file === undefined || file === '') return [];
  try {
    return [readFileSync(file, 'utf8')];
  } catch {
    return [];
  }
}
