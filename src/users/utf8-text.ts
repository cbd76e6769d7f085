import { UserListError } from './user-list-error.ts';

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
// What tells one encoding from the other.
const HEAD_BYTES = 4;

/**
 * A text's bytes without its byte order mark. Whether the rest is UTF-8 is for those to check who know its lines.
 * @throws {UserListError} when it is UTF-16, as some programs save texts and tables
 */
export async function* utf8Text(pieces: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const piece of pieces) {
    if (head === null) {
      yield piece;
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.length < HEAD_BYTES) continue;
    yield withoutMark(head, name);
    head = null;
  }
  if (head !== null) yield withoutMark(head, name);
}

function withoutMark(head: Buffer, name: string): Buffer {
  if (isUtf16(head)) throw new UserListError([`${name}:1: the file is UTF-16; save it as UTF-8`]);
  return head.subarray(0, BOM.length).equals(BOM) ? head.subarray(BOM.length) : head;
}

/** By its byte order mark, or by a zero in every other byte of its first two characters. */
function isUtf16(head: Buffer): boolean {
  const [a, b, c, d] = head;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  return (a === 0 && b !== 0 && c === 0 && d !== 0) || (a !== 0 && b === 0 && c !== 0 && d === 0);
}
