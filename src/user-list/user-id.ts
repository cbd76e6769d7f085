import { isUtf8 } from 'node:buffer';
import { codePoint, quotedText, strayCharacter } from './characters.ts';

/** The most bytes that a UserID may have (vendor's documents: "UserIDs at most 32 bytes"). */
export const MAX_USER_ID_BYTES = 32;

const LF = 0x0a;
const CR = 0x0d;

/**
 * Why these bytes are no UserID of a list; null when they are. The vendor accepts almost any text. But an invisible character
 * comes from the program that wrote the list, and the API would answer that there is no such user.
 */
export function userIdProblem(bytes: Buffer): string | null {
  const problem = sizeProblem(bytes) ?? roundedProblem(bytes);
  if (problem !== null || isPlain(bytes)) return problem;
  if (!isUtf8(bytes)) return `not UTF-8: ${shownBytes(bytes)}; save the list as UTF-8`;
  const text = bytes.toString('utf8');
  // Programs write it for what they cannot decode. Two users may have become one.
  if (text.includes('\ufffd'))
    return `a character of the ID was lost (U+FFFD): ${shownBytes(bytes)}; write the list again, in UTF-8 throughout`;
  const stray = strayCharacter(text);
  if (stray === null) return null;
  const { character, isAtAnEnd } = stray;
  const name = codePoint(character);
  const shown = shownBytes(bytes);
  if (/[\n\r\u2028\u2029\u0085]/.test(character))
    return `a line break in the ID (${name}): ${shown}; lines end in LF or CRLF`;
  if (character === '\t' && !isAtAnEnd)
    return `a tab in the ID (${name}): ${shown}; give a table as CSV, with commas and a header`;
  if (isAtAnEnd && /\p{White_Space}/u.test(character))
    return `white space around the ID (${name}): ${shown}; remove it`;
  return `an invisible character ${isAtAnEnd ? 'around' : 'in'} the ID (${name}): ${shown}; remove it`;
}

/** Whether the API may know a user by this name, however unusual. Rows can be searched for it. */
export const mayBeUserId = (bytes: Buffer): boolean =>
  sizeProblem(bytes) === null &&
  isUtf8(bytes) &&
  ![0, LF, CR].some((byte) => bytes.includes(byte)) &&
  !isSpace(bytes[0]) &&
  !isSpace(bytes.at(-1));

function sizeProblem(bytes: Buffer): string | null {
  if (bytes.length === 0) return 'the user ID is empty';
  return bytes.length > MAX_USER_ID_BYTES
    ? `a user ID has at most ${MAX_USER_ID_BYTES} bytes, this one has more: ${shownBytes(bytes)}`
    : null;
}

const PLUS = 0x2b;

/** Spreadsheets, and programs that read a number as a fraction, write a long ID like this, with its last digits lost. */
const roundedProblem = (bytes: Buffer): string | null =>
  bytes.includes(PLUS) && /^-?\d([.,]\d+)?e\+\d+$/i.test(bytes.toString('latin1'))
    ? `a number in place of the ID, rounded: ${shownBytes(bytes)}; write the IDs as text`
    : null;

/** Whether it is only visible ASCII, as almost all IDs are. */
function isPlain(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte <= 0x20 || byte >= 0x7f) return false;
  return true;
}

const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x09 || byte === CR || byte === LF;

// A key of the console, or a UserSig: zlib's header in base64. Only the first bytes of a long line may be there.
const LOOKS_SECRET = /[0-9a-fA-F]{33}|\be[AFJN][\w*-]{31}/;

/** The beginning of some bytes, quoted for a message. Hidden if it looks like a key. */
export const shownBytes = (bytes: Buffer): string => {
  const beginning = bytes.subarray(0, 4 * MAX_USER_ID_BYTES).toString('utf8');
  if (LOOKS_SECRET.test(beginning)) return '(not shown, since it looks like a key)';
  const text = quotedText(bytes.subarray(0, MAX_USER_ID_BYTES).toString('utf8'));
  return bytes.length > MAX_USER_ID_BYTES ? `${text}…` : text;
};
