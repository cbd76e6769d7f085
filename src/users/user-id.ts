import { isUtf8 } from 'node:buffer';

/** The most bytes that a UserID may have (vendor's documents: "UserIDs at most 32 bytes"). */
export const MAX_USER_ID_BYTES = 32;

/** What is wrong with these bytes as a UserID; null when nothing is. */
export function userIdProblem(bytes: Buffer): string | null {
  if (bytes.length > MAX_USER_ID_BYTES) {
    return `a user ID has at most ${MAX_USER_ID_BYTES} bytes, this line has more: ${shown(bytes)}`;
  }
  if (!isUtf8(bytes)) return `not UTF-8: ${shown(bytes)}`;
  if (isSpace(bytes[0]) || isSpace(bytes.at(-1)))
    return `white space around the ID: ${shown(bytes)}; remove it`;
  if (bytes.includes(0)) return `a user ID cannot hold the character U+0000: ${shown(bytes)}`;
  return null;
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

const shown = (bytes: Buffer): string => {
  const text = JSON.stringify(bytes.subarray(0, MAX_USER_ID_BYTES).toString('utf8'));
  return bytes.length > MAX_USER_ID_BYTES ? `${text}…` : text;
};
