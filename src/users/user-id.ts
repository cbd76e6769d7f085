import { isUtf8 } from 'node:buffer';

/** The most bytes that a UserID may have (vendor's documents: "UserIDs at most 32 bytes"). */
export const MAX_USER_ID_BYTES = 32;

/** What is wrong with these bytes as a UserID; null when nothing is. */
export function userIdProblem(bytes: Buffer): string | null {
  if (bytes.length === 0) return 'the user ID is empty';
  if (bytes.length > MAX_USER_ID_BYTES) {
    return `a user ID has at most ${MAX_USER_ID_BYTES} bytes, this one has more: ${shownBytes(bytes)}`;
  }
  if (!isUtf8(bytes)) return `not UTF-8: ${shownBytes(bytes)}`;
  if (isSpace(bytes[0]) || isSpace(bytes.at(-1)))
    return `white space around the ID: ${shownBytes(bytes)}; remove it`;
  if (bytes.includes(0)) return `a user ID cannot hold the character U+0000: ${shownBytes(bytes)}`;
  if (bytes.includes(LF) || bytes.includes(CR)) return `a line break in the ID: ${shownBytes(bytes)}`;
  return null;
}

const LF = 0x0a;
const CR = 0x0d;

const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x09 || byte === CR || byte === LF;

/** The beginning of some bytes as a message may show it, quoted. */
export const shownBytes = (bytes: Buffer): string => {
  const text = JSON.stringify(bytes.subarray(0, MAX_USER_ID_BYTES).toString('utf8'));
  return bytes.length > MAX_USER_ID_BYTES ? `${text}…` : text;
};
