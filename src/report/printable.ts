// Control characters, the marks that turn the direction of text, and the line ends that only some know: names from
// outside may hold any of them, and a terminal obeys them.
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
// JSON escapes the other control characters by itself, and has these nowhere but in strings.
const UNSAFE_IN_JSON = /[\u007f-\u009f\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A text that is safe on a terminal and stays on its line: control characters are shown as `\u001b`. */
export const printable = (text: string): string => text.replace(UNSAFE, escaped);

/** The same JSON, safe on a terminal. */
export const printableJson = (json: string): string => json.replace(UNSAFE_IN_JSON, escaped);
