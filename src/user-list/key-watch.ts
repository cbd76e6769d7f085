import type { ListSource } from './list-source.ts';
import { UserListError } from './user-list-error.ts';

/** A secret of the job, and its name in messages. */
export type NamedSecret = { readonly what: string; readonly text: string };

// Shorter parts may occur by chance, and reveal too little of a secret.
const TELLING_CHARACTERS = 16;

/** Prevents the secrets of a job from being taken for user IDs, and from being shown where a message quotes a list. */
export class KeyWatch {
  readonly #secrets: readonly NamedSecret[];
  /** All parts of each secret that are long enough to identify it. */
  readonly #parts: readonly { readonly what: string; readonly texts: readonly string[] }[];

  constructor(secrets: readonly NamedSecret[]) {
    this.#secrets = secrets
      .map(({ what, text }) => ({ what, text: lowerBytes(Buffer.from(text)) }))
      .filter(({ text }) => text.length >= TELLING_CHARACTERS);
    this.#parts = this.#secrets.map(({ what, text }) => ({
      what,
      texts: Array.from({ length: text.length - TELLING_CHARACTERS + 1 }, (_, at) =>
        text.slice(at, at + TELLING_CHARACTERS),
      ),
    }));
  }

  /** The same list. Reading throws a {UserListError} before it reaches a secret. */
  over(source: ListSource): ListSource {
    return this.#secrets.length === 0 ? source : { ...source, bytes: this.#watched(source) };
  }

  /** The secret that a user ID is a part of; null for all others. */
  partOf(userId: string): string | null {
    if (userId.length < TELLING_CHARACTERS) return null;
    const id = lowerBytes(Buffer.from(userId));
    return this.#secrets.find(({ text }) => text.includes(id))?.what ?? null;
  }

  /** A message that is safe to show: only its place if it contains a part of a secret. */
  shown(message: string): string {
    const what = this.#secretIn(message);
    if (what === null) return message;
    const place = message.slice(0, message.indexOf(': ') + 2);
    return `${this.#secretIn(place) === null ? place : ''}${holds(what)}`;
  }

  #secretIn(text: string): string | null {
    const lower = lowerBytes(Buffer.from(text));
    return this.#parts.find(({ texts }) => texts.some((part) => lower.includes(part)))?.what ?? null;
  }

  async *#watched({ bytes, name }: ListSource): AsyncGenerator<Buffer> {
    // Bytes that may be the beginning of a secret are kept back.
    const kept = Math.max(...this.#secrets.map(({ text }) => text.length)) - 1;
    let rest: Buffer = Buffer.alloc(0);
    for await (const piece of bytes) {
      const data = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      this.#refuse(data, name);
      const end = Math.max(0, data.length - kept);
      if (end > 0) yield data.subarray(0, end);
      // A copy, since the piece may be the reader's own buffer.
      rest = Buffer.from(data.subarray(end));
    }
    if (rest.length > 0) yield rest;
  }

  #refuse(data: Buffer, name: string): void {
    const lower = lowerBytes(data);
    const secret = this.#secrets.find(({ text }) => lower.includes(text));
    if (secret !== undefined) throw new UserListError([this.shown(`${name}: ${holds(secret.what)}`)]);
  }
}

/** Replaces a message, or a user ID, that contains a part of a secret. */
export const holds = (what: string): string =>
  `the user list holds ${what} or a part of it, which is not shown; name the list of users in its place`;

/** One character a byte, so that any bytes can be searched. A key in capitals is as secret as in small letters. */
const lowerBytes = (bytes: Buffer): string => bytes.toString('latin1').toLowerCase();
