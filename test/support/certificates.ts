import { randomUUID } from 'node:crypto';
import { generate } from 'selfsigned';

/** The certificate and the key of a TLS server, in PEM. */
export type Certificate = { readonly cert: string; readonly key: string };

export type Authority = {
  /** To be trusted by the client, in PEM. */
  readonly ca: string;
  /** A certificate for a host name or an IPv4 or IPv6 address; an expired one ended an hour ago. */
  issue(host: string, options?: { readonly isExpired?: boolean }): Promise<Certificate>;
};

const HOUR = 3_600_000;
const common = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

/** A certificate authority of its own, which is trusted only on request. */
export async function makeAuthority(): Promise<Authority> {
  // Two of one name would be taken for one another.
  const name = `Authority ${randomUUID()}`;
  const root = await generate([{ name: 'commonName', value: name }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  return {
    ca: root.cert,
    issue: async (host, { isExpired = false } = {}) => {
      const isAddress = /^[\d.]+$|:/.test(host);
      const notBeforeDate = new Date(Date.now() - 48 * HOUR);
      const notAfterDate = new Date(Date.now() + (isExpired ? -HOUR : 48 * HOUR));
      const leaf = await generate([{ name: 'commonName', value: host }], {
        ...common,
        notBeforeDate,
        notAfterDate,
        ca: { key: root.private, cert: root.cert },
        extensions: [
          {
            name: 'subjectAltName',
            altNames: [isAddress ? { type: 7, ip: host } : { type: 2, value: host }],
          },
        ],
      });
      return { cert: leaf.cert, key: leaf.private };
    },
  };
}
