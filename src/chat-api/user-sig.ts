import { createHmac } from 'node:crypto';
import { deflateSync } from 'node:zlib';

export type UserSigClaims = {
  readonly sdkAppId: number;
  readonly identifier: string;
  /** Unix seconds. */
  readonly issuedAt: number;
  /** Seconds from then on. */
  readonly lifetime: number;
};

/**
 * Signs a UserSig, version 2: HMAC-SHA256 with the console's key as text, a JSON document, zlib, base64 with three
 * characters replaced so that it needs no escaping in a query (the vendor's tls-sig-api-v2; RFC 4648's URL alphabet
 * is another one).
 */
export function signUserSig(claims: UserSigClaims, secretKey: string): string {
  const { sdkAppId, identifier, issuedAt, lifetime } = claims;
  const signed =
    `TLS.identifier:${identifier}\nTLS.sdkappid:${sdkAppId}\n` +
    `TLS.time:${issuedAt}\nTLS.expire:${lifetime}\n`;
  const document = {
    'TLS.ver': '2.0',
    'TLS.identifier': identifier,
    'TLS.sdkappid': sdkAppId,
    'TLS.time': issuedAt,
    'TLS.expire': lifetime,
    'TLS.sig': createHmac('sha256', secretKey).update(signed).digest('base64'),
  };
  return deflateSync(JSON.stringify(document))
    .toString('base64')
    .replaceAll('+', '*')
    .replaceAll('/', '-')
    .replaceAll('=', '_');
}
