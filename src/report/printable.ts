// Control characters, and the marks that turn the direction of text: names from outside may hold any of them,
// and a terminal obeys them.
const UNSAFE = /[\p{Cc}\p{Bidi_Control}]/gu;

/** A text that is safe on a terminal and stays on its line: control characters are shown as `\u001b`. */
export const printable = (text: string): string =>
  text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
