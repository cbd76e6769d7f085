import { isUtf8 } from 'node:buffer';
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { MAX_BODY_BYTES, tooLarge } from './transport-error.ts';

/** The body of an answer as text. */
export type Body = {
  readonly text: string;
  /** False when its bytes are not UTF-8: then the text has U+FFFD in their place, and different bytes may look alike. */
  readonly isUtf8: boolean;
};

const BYTE_ORDER_MARK = '\ufeff';
const LIMIT = { maxOutputLength: MAX_BODY_BYTES };
const TOO_LARGE = 'ERR_BUFFER_TOO_LARGE';

/**
 * The text of a body. Requests ask for `identity`. Bodies of gateways that compress anyway are read, too, up to the same size.
 * @param coding the Content-Encoding header, empty if there is none
 * @throws {CallError} when it is too large
 */
export function readBody(chunks: readonly Buffer[], coding: string): Body {
  const [first] = chunks;
  const bytes = decompressed(
    chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks),
    coding.toLowerCase(),
  );
  const text = bytes.toString();
  return {
    text: text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text,
    isUtf8: isUtf8(bytes),
  };
}

/** The bytes before compression. A body that cannot be decompressed stays unchanged, and then is no JSON. */
function decompressed(bytes: Buffer, coding: string): Buffer {
  try {
    // No JSON begins with these. Some gateways omit the header, others leave it after they have decompressed.
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes, LIMIT);
    if (coding.includes('deflate')) return inflated(bytes);
    if (/\bbr\b/.test(coding)) return brotliDecompressSync(bytes, LIMIT);
  } catch (error) {
    if (errorCode(error) === TOO_LARGE) throw tooLarge();
  }
  return bytes;
}

/** RFC 9110 means zlib's format by `deflate`; some servers send the bare one. */
function inflated(bytes: Buffer): Buffer {
  try {
    return inflateSync(bytes, LIMIT);
  } catch (error) {
    if (errorCode(error) === TOO_LARGE) throw error;
    return inflateRawSync(bytes, LIMIT);
  }
}

const errorCode = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
