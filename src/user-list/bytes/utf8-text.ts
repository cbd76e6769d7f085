import { notText, TELLING_BYTES } from '../diagnosis/not-text.ts';
import { UserListError } from '../user-list-error.ts';

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * A text's bytes without its byte order mark. Readers of lines check whether the rest is UTF-8.
 * @throws {UserListError} when the beginning is not UTF-8 text: another encoding, an archive, a spreadsheet
 */
export async function* utf8Text(pieces: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const piece of pieces) {
    if (head === null) {
      yield piece;
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.length < TELLING_BYTES) continue;
    yield withoutMark(head, name);
    head = null;
  }
  if (head !== null) yield withoutMark(head, name);
}

function withoutMark(head: Buffer, name: string): Buffer {
  const problem = notText(head.subarray(0, TELLING_BYTES));
  if (problem !== null) throw new UserListError([`${name}:1: ${problem}`]);
  return head.subarray(0, BOM.length).equals(BOM) ? head.subarray(BOM.length) : head;
}
