import { createHmac, randomBytes } from 'node:crypto';

/** The stored mark of an erased user: a digest from which the user ID cannot be read. */
export type Suppression = {
  /** In hexadecimal. */
  readonly digest: string;
  /** Whether other users' conversations with the user are left out, too. */
  readonly asPeer: boolean;
  /** The start of an erasure that is not finished, ISO 8601: rows of the user may be left. Null after its end. */
  readonly unfinishedSince?: string | null;
};

/** The salt of all marks in a destination, or of an app in it, in hexadecimal. */
export const newSalt = (): string => randomBytes(32).toString('hex');

/**
 * The digest that identifies a suppressed user. The salt is stored beside it, so a reader of both can test names. It only keeps
 * the list from being readable, and from being compared with another list.
 * @param name the user's name in rows
 */
export const suppressionDigest = (salt: string, name: string): string =>
  createHmac('sha256', Buffer.from(salt, 'hex')).update(name).digest('hex');

/** The suppressed users of a destination: runs do not pull them. */
export class SuppressedUsers {
  readonly #salt: string;
  readonly #marks: ReadonlyMap<string, boolean>;
  /** Whether any of them is suppressed as a peer, too. */
  readonly hasPeers: boolean;
  /** The starts of erasures that are not finished, ISO 8601. */
  readonly unfinished: readonly string[];

  constructor(salt: string, marks: readonly Suppression[]) {
    this.#salt = salt;
    this.#marks = new Map(marks.map(({ digest, asPeer }) => [digest, asPeer]));
    this.hasPeers = marks.some(({ asPeer }) => asPeer);
    this.unfinished = marks.flatMap(({ unfinishedSince }) => unfinishedSince ?? []);
  }

  static readonly none = new SuppressedUsers('', []);

  get isEmpty(): boolean {
    return this.#marks.size === 0;
  }

  /** @param name the user's name in rows */
  has(name: string): boolean {
    return !this.isEmpty && this.#marks.has(suppressionDigest(this.#salt, name));
  }

  hasPeer(name: string): boolean {
    return this.hasPeers && this.#marks.get(suppressionDigest(this.#salt, name)) === true;
  }
}

/** Warnings about erasures that were killed. They do not name the users, because only digests are kept. */
export const unfinishedErasures = (
  destination: string,
  { unfinished }: SuppressedUsers,
): readonly { readonly message: string; readonly hint: string }[] =>
  unfinished.map((since) => ({
    message: `the erasure of a user, started at ${since}, was not finished, and rows of that user may be left in ${destination}`,
    hint: 'give the same erase command again',
  }));
