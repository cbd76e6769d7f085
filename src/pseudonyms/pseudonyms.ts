import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** The kind of a name: a user and a group with the same ID must not have the same pseudonym. */
type Kind = 'user' | 'group' | 'key-check';

// 128 bits. Among ten million users, two share a pseudonym with a chance of (10^7)^2 / 2^129 = 1.5 * 10^-25. With 64 bits it
// would be 3 * 10^-6 for each app and each run of new users.
const HEX_DIGITS = 32;

/**
 * Names for users and groups that only the owner of the key can make: HMAC-SHA-256 under the key of the kind, a zero byte and the
 * ID, its first 128 bits as 32 hexadecimal digits. One ID has one pseudonym, in every table and in every run, as the owner of a
 * list or as a peer.
 */
export class Pseudonyms {
  /** Identifies this key, and reveals nothing else of it. */
  readonly keyFingerprint: string;
  readonly #key: KeyObject;

  /** @param key the secret, as bytes */
  constructor(key: Buffer) {
    this.#key = createSecretKey(key);
    this.keyFingerprint = this.#named('key-check', '');
  }

  user(userId: string): string {
    return this.#named('user', userId);
  }

  group(groupId: string): string {
    return this.#named('group', groupId);
  }

  #named(kind: Kind, id: string): string {
    return createHmac('sha256', this.#key).update(`${kind}\0${id}`).digest('hex').slice(0, HEX_DIGITS);
  }
}
