// Format characters that are visible, or that join their neighbours to one character: signs around Arabic, Syriac and Kaithi
// numbers, and the tags in flags such as Scotland's.
const SEEN = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\u{e0020}-\u{e007f}]/u;
// Joiners and direction marks, which several scripts and emoji need between letters.
const JOINS_LETTERS = /[\u200c-\u200f\u061c]/u;

// Letters and signs that show nothing: the fillers of Hangul, two vowels of Khmer, a blank of Braille, the grapheme joiner.
const BLANKS = '\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u2800\\u3164\\uffa0';
const AT_AN_END = new RegExp(`[\\p{White_Space}\\p{Cc}\\p{Cf}${BLANKS}]`, 'u');
// No text may hold a noncharacter. U+FFFE is a byte order mark that was read the wrong way round.
const WITHIN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u;
const UNSEEN = new RegExp(
  `[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Noncharacter_Code_Point}${BLANKS}]|(?! )\\p{Zs}`,
  'gu',
);

/** A character at a place where a text must not have it. */
export type StrayCharacter = { readonly character: string; readonly isAtAnEnd: boolean };

/**
 * The first character of a text that people do not type on purpose. At either end: white space, a control or a format character.
 * Within the text: a control character, a line separator, or a format character that joins no letters. Null when there is none.
 */
export function strayCharacter(text: string): StrayCharacter | null {
  const characters = [...text];
  for (const [at, character] of characters.entries()) {
    if (SEEN.test(character)) continue;
    const isAtAnEnd = at === 0 || at === characters.length - 1;
    if (isAtAnEnd && AT_AN_END.test(character)) return { character, isAtAnEnd };
    if (WITHIN.test(character) && !JOINS_LETTERS.test(character)) return { character, isAtAnEnd };
  }
  return null;
}

/** A character in Unicode's notation: `U+00A0`. */
export const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** A text quoted for a message: as JSON, with every invisible character as an escape. */
export const quotedText = (text: string): string => JSON.stringify(text).replace(UNSEEN, escaped);

const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
