import { createHmac, randomBytes } from 'node:crypto';

/** How a destination remembers an erased user: by a digest, from which the user ID cannot be read. */
export type Suppression = {
  /** In hexadecimal. */
  readonly digest: string;
  /** Whether other users' conversations with the user are left out too. */
  readonly asPeer: boolean;
};

/** What all marks of a destination, or of an app in it, are made with, in hexadecimal. */
export const newSalt = (): string => randomBytes(32).toString('hex');

/**
 * The digest by which a suppressed user is known again. The salt lies beside it, so that a reader of both can try names: it keeps
 * the list from being read at a glance and from being compared with another one, no more.
 * @param name what rows call the user
 */
export const suppressionDigest = (salt: string, name: string): string =>
  createHmac('sha256', Buffer.from(salt, 'hex')).update(name).digest('hex');

/** The users whom a destination suppresses: they are not pulled again. */
export class SuppressedUsers {
  readonly #salt: string;
  readonly #marks: ReadonlyMap<string, boolean>;
  /** Whether any of them is erased as a peer, too. */
  readonly hasPeers: boolean;

  constructor(salt: string, marks: readonly Suppression[]) {
    this.#salt = salt;
    this.#marks = new Map(marks.map(({ digest, asPeer }) => [digest, asPeer]));
    this.hasPeers = marks.some(({ asPeer }) => asPeer);
  }

  static readonly none = new SuppressedUsers('', []);

  get isEmpty(): boolean {
    return this.#marks.size === 0;
  }

  /** @param name what rows call the user */
  has(name: string): boolean {
    return !this.isEmpty && this.#marks.has(suppressionDigest(this.#salt, name));
  }

  hasPeer(name: string): boolean {
    return this.hasPeers && this.#marks.get(suppressionDigest(this.#salt, name)) === true;
  }
}
