import { open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, crc32, createGunzip, deflateRaw } from 'node:zlib';
import { writeAt } from '../storage/durable-file.ts';
import { readPieces } from '../storage/lines.ts';

// A gzip file (RFC 1952) with a single member, since some readers stop after the first member. It is written in pieces. Each is a
// sequence of blocks (RFC 1951) that ends at a byte boundary and refers to no earlier piece.

// Deflate, without a name, a time or a system.
const MEMBER_START = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
// An empty block marked as the last.
const LAST_BLOCK = Buffer.from([3, 0]);
const MAX_STORED_BYTES = 0xffff;
// The bytes of content in one piece: with zlib's own 16 KiB, it takes twice as long.
const CHUNK = 256 * 1024;

const deflateInPool = promisify(deflateRaw);

/** The start of a file. Its text is stored uncompressed, so that the length does not depend on the version of zlib. */
export function memberStart(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > MAX_STORED_BYTES) throw new Error(`${bytes.length} bytes are too many for one block`);
  const block = Buffer.alloc(5);
  block.writeUInt16LE(bytes.length, 1);
  block.writeUInt16LE(bytes.length ^ MAX_STORED_BYTES, 3);
  return Buffer.concat([MEMBER_START, block, bytes]);
}

/** A piece of a file. */
export const memberPiece = async (bytes: Buffer): Promise<Buffer> =>
  await deflateInPool(bytes, { finishFlush: constants.Z_SYNC_FLUSH });

/** The content of a file without its end. */
export const openMember = (pieces: AsyncIterable<Buffer>): AsyncIterable<Buffer> =>
  pipeline(
    Readable.from(pieces),
    createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: CHUNK }),
    () => {},
  );

/** The content of a file with its end. */
export const wholeMember = (pieces: AsyncIterable<Buffer>): AsyncIterable<Buffer> =>
  pipeline(Readable.from(pieces), createGunzip({ chunkSize: CHUNK }), () => {});

/** Ends a file, durably. Its content is read for the checksum. */
export async function endMember(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  const { size } = await file.stat();
  let checksum = 0;
  let length = 0;
  for await (const piece of openMember(readPieces(file, size))) {
    checksum = crc32(piece, checksum);
    length += piece.length;
  }
  const end = Buffer.alloc(8);
  end.writeUInt32LE(checksum, 0);
  // gzip stores the length modulo 2^32.
  end.writeUInt32LE(length % 2 ** 32, 4);
  await writeAt(file, [LAST_BLOCK, end], size);
  await file.sync();
}
