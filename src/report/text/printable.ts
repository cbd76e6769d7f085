// Names from outside may contain any of these. A terminal obeys control characters, direction marks, and line ends that only some
// programs know. Invisible format characters make two names look like one. The two joiners (U+200C, U+200D) stay: Persian words
// and families of emoji need them.
const UNSEEN =
  '\\p{Bidi_Control}\\p{Zl}\\p{Zp}\\u00ad\\u180e\\u200b\\u2060-\\u2064\\u206a-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}';
const UNSAFE = new RegExp(`[\\p{Cc}${UNSEEN}]`, 'gu');
// JSON escapes the other control characters by itself, and has these only in strings.
const UNSAFE_IN_JSON = new RegExp(`[\\u007f-\\u009f${UNSEEN}]`, 'gu');

/** As JSON writes it: a character beyond U+FFFF as its two halves. */
const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** A text that is safe on a terminal and stays on its line: control characters are shown as `\u001b`. */
export const printable = (text: string): string => text.replace(UNSAFE, escaped);

/** The same JSON, safe on a terminal. */
export const printableJson = (json: string): string => json.replace(UNSAFE_IN_JSON, escaped);
