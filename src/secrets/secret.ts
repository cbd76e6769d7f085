import { inspect } from 'node:util';

/** A text that must not be shown: printing, logging or serializing it gives `[secret]`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, for the one place that needs it. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** A key as the console shows it: 64 hexadecimal digits. */
export function looksLikeSecretKey(text: string): boolean {
  return /^[0-9a-f]{64}$/i.test(text);
}

/** Zlib's header in base64 (any compression level) and a length that no word or path has by chance. */
export function looksLikeUserSig(text: string): boolean {
  return /^e[AFJN][A-Za-z0-9*_-]{60,}$/.test(text);
}
