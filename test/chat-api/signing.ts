import { inflateSync } from 'node:zlib';
import { Api } from 'tls-sig-api-v2';
import { Credentials } from '../../src/chat-api/credentials.ts';

export const SDK_APP_ID = 1_400_000_000;
/** The key that the vendor's own README shows. */
export const SECRET_KEY = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';

export const vendorSig = (identifier: string, expire: number, key = SECRET_KEY): string =>
  new Api(SDK_APP_ID, key).genUserSig(identifier, expire);

/** The content of a UserSig, read without the code that wrote it. */
export function claimsOf(userSig: string): Record<string, unknown> {
  const base64 = userSig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=');
  return JSON.parse(inflateSync(Buffer.from(base64, 'base64')).toString()) as Record<string, unknown>;
}

export const secret = (text: string) => ({ reveal: () => text });

export const keyCredentials = (identifier = 'administrator'): Credentials =>
  new Credentials({ kind: 'secretKey', secretKey: secret(SECRET_KEY) }, { sdkAppId: SDK_APP_ID, identifier });

export const sigCredentials = (userSig: string): Credentials =>
  new Credentials(
    { kind: 'userSig', userSig: secret(userSig) },
    { sdkAppId: SDK_APP_ID, identifier: 'administrator' },
  );
