// So many letters and digits of a secret in a row count as a part of it. Fewer reveal too little of a key (48 of 256 bits in
// hexadecimal digits), and would occur in other texts by chance.
const FRAGMENT = 12;

// Escapes of characters in texts: percent signs, applied any number of times; escapes of JSON and JavaScript; HTML's.
const ESCAPED =
  /%(?:25)*([0-9a-f]{2})|\\+u(?:00|\{0*)([0-9a-f]{2})\}?|\\+x([0-9a-f]{2})|&(?:amp;)*#(?:x([0-9a-f]{1,4})|(\d{1,5}));/iy;
// And escaped line ends, whose letter is not part of the text.
const ESCAPED_SPACE = /\\+[nrtbf]/y;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const AMPERSAND = 0x26;
/** From a visible ASCII character to its full-width form, as in East Asian text. */
const FULL_WIDTH = 0xfee0;
/** The bit that makes a capital letter a small one, and that digits have. */
const SMALL = 0x20;

/** The letters and digits of a text in lower case, with their places. */
type Bare = { readonly text: string; readonly from: readonly number[]; readonly to: readonly number[] };

/**
 * Finds secrets in texts that quote them: whole or in part, in other case, with spaces, line ends or escapes in them, backwards,
 * in base64, once or twice, and as numbers of bytes in hexadecimal, decimal or octal digits.
 */
export class SecretFinder {
  readonly #fragments = new Set<string>();

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) {
      for (const form of spellings(secret)) {
        for (const text of [form, [...form].reverse().join('')]) this.#add(bare(text).text);
      }
    }
  }

  /** The text with a mark in place of each fragment of a secret. */
  redacted(text: string, mark: string): string {
    const { text: letters, from, to } = bare(text);
    const parts: string[] = [];
    let copied = 0;
    let start = -1;
    let end = -1;
    const cut = (): void => {
      if (start < 0) return;
      parts.push(text.slice(copied, from[start]), mark);
      copied = afterPadding(text, to[end - 1] ?? 0);
    };
    for (let at = 0; at + FRAGMENT <= letters.length; at += 1) {
      if (!this.#fragments.has(letters.slice(at, at + FRAGMENT))) continue;
      if (at > end) {
        cut();
        start = at;
      }
      end = at + FRAGMENT;
    }
    cut();
    return parts.length === 0 ? text : parts.join('') + text.slice(copied);
  }

  #add(letters: string): void {
    for (let at = 0; at + FRAGMENT <= letters.length; at += 1) {
      this.#fragments.add(letters.slice(at, at + FRAGMENT));
    }
  }
}

function bare(text: string): Bare {
  let letters = '';
  const from: number[] = [];
  const to: number[] = [];
  for (let at = 0; at < text.length; ) {
    let code = text.charCodeAt(at);
    let length = 1;
    // No other character begins an escape: most characters need no search.
    if (code === PERCENT || code === BACKSLASH || code === AMPERSAND) {
      const escaped = matchAt(ESCAPED, text, at);
      const space = escaped === null ? matchAt(ESCAPED_SPACE, text, at) : null;
      if (escaped !== null) code = characterCode(escaped);
      length = (escaped ?? space)?.[0].length ?? 1;
    } else if (code > FULL_WIDTH) code -= FULL_WIDTH;
    if (isLetterOrDigit(code)) {
      letters += String.fromCharCode(code | SMALL);
      from.push(at);
      to.push(at + length);
    }
    at += length;
  }
  return { text: letters, from, to };
}

const isLetterOrDigit = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || ((code | SMALL) >= 0x61 && (code | SMALL) <= 0x7a && code <= 0x7a);

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function characterCode([, percent, unicode, hex, entityHex, entity]: RegExpExecArray): number {
  return entity === undefined
    ? Number.parseInt(percent ?? unicode ?? hex ?? entityHex ?? '', 16)
    : Number(entity);
}

/** Characters at the end of a base64 text, or between its letters, go with it. */
function afterPadding(text: string, at: number): number {
  let end = at;
  while (/[*_=+/-]/.test(text[end] ?? '')) end += 1;
  return end;
}

/** The secret unchanged, in base64, and as the numbers of its bytes; the last two also of its base64. */
function spellings(secret: string): string[] {
  const base64 = asBase64(secret);
  return [secret, ...[secret, ...base64].flatMap(asNumbers), ...base64, ...base64.flatMap(asBase64)];
}

/** A text in base64, after any preceding text. */
function asBase64(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and last characters also hold bits of the text beside it.
    return encoded.slice(before === 0 ? 0 : before + 1, -1);
  });
}

/** The bytes of a text as numbers, without what stands between them: in hexadecimal digits, as C and JSON write them, in octal. */
function asNumbers(text: string): string[] {
  const bytes = [...Buffer.from(text)];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
  const octal = bytes.map((byte) => byte.toString(8));
  return [
    hex.join(''),
    hex.map((digits) => `0x${digits}`).join(''),
    bytes.join(''),
    octal.join(''),
    octal.map((digits) => digits.padStart(3, '0')).join(''),
  ];
}
