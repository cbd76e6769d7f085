import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Pseudonyms } from './pseudonyms.ts';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PART = '.';

/** A sealed user cannot be opened: it was not sealed with this key. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/**
 * Users in the form of a plan and its temporary files: the pseudonym, a dot, and the ID for the API, encrypted with AES-256-GCM,
 * with its tag, in base64url. One ID is always sealed in the same way, so that equal users are found without being opened.
 */
export class SealedUsers {
  readonly #pseudonyms: Pseudonyms;
  readonly #key: KeyObject;

  /** @param key the secret of the pseudonyms, as bytes, from which another key is derived for sealing */
  constructor(key: Buffer, pseudonyms: Pseudonyms) {
    this.#pseudonyms = pseudonyms;
    const derived = hkdfSync('sha256', key, Buffer.alloc(0), 'tencent-chat-export plan of users', 32);
    this.#key = createSecretKey(Buffer.from(derived));
  }

  seal(userId: string): string {
    const pseudonym = this.#pseudonyms.user(userId);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonceFor(pseudonym)).setAAD(Buffer.from(pseudonym));
    const sealed = Buffer.concat([cipher.update(userId, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${pseudonym}${PART}${sealed.toString('base64url')}`;
  }

  /** @throws {SealBroken} */
  open(sealed: string): string {
    const pseudonym = pseudonymIn(sealed);
    const bytes = Buffer.from(sealed.slice(pseudonym.length + PART.length), 'base64url');
    try {
      const decipher = createDecipheriv(ALGORITHM, this.#key, nonceFor(pseudonym), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(pseudonym)).setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString();
    } catch (error) {
      throw new SealBroken(`user ${pseudonym} of the plan cannot be decrypted with this key`, {
        cause: error,
      });
    }
  }
}

/** The pseudonym of a sealed user; needs no key. */
export const pseudonymIn = (sealed: string): string => sealed.slice(0, sealed.indexOf(PART));

// A nonce must never be used for two texts. This one is made from the text, by a keyed hash under another key. The same user has
// the same nonce and is sealed to the same bytes, which reveals no more than the pseudonym beside it. Two users among ten million
// share their first 96 bits with a chance of (10^7)^2 / 2^97 = 6 * 10^-16. Random nonces would have the same chance, and would
// hide repeated users of a list from the program, too.
const nonceFor = (pseudonym: string): Buffer => Buffer.from(pseudonym, 'hex').subarray(0, NONCE_BYTES);
