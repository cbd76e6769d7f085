import { createGunzip, type Gunzip } from 'node:zlib';
import { UserListError } from '../user-list-error.ts';

const MAGIC = Buffer.from([0x1f, 0x8b]);
const REASONS: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'the gzip file is cut short',
  Z_DATA_ERROR: 'the gzip file is damaged',
};

/** The bytes of a file, decompressed if its first bytes are those of gzip. @throws {UserListError} */
export async function* unpacked(pieces: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const iterator = pieces[Symbol.asyncIterator]();
  try {
    let head: Buffer = Buffer.alloc(0);
    while (head.length < MAGIC.length) {
      const { value, done } = await iterator.next();
      if (done === true) break;
      head = Buffer.concat([head, value]);
    }
    const all = async function* (): AsyncGenerator<Buffer> {
      yield head;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value;
    };
    if (head.subarray(0, MAGIC.length).equals(MAGIC)) yield* gunzipped(all(), name);
    else yield* all();
  } finally {
    // Not awaited: a pipe without a writer never ends.
    iterator.return?.().catch(() => {});
  }
}

/**
 * The text of all members, in order. Zeros after the last member are padding. Node.js ends at the first zero after a member and
 * drops the rest, so the rest is checked here.
 */
async function* gunzipped(packed: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let isLeft = false;
  const feed = async (): Promise<void> => {
    let given = 0;
    let hasEnded = false;
    for await (const piece of packed) {
      if (isLeft) return;
      if (hasEnded) {
        refuseAllButZeros(piece, name);
        continue;
      }
      given += piece.length;
      await unpackedBy(gunzip, piece);
      const unread = given - gunzip.bytesWritten;
      if (gunzip.errored || isLeft) return;
      hasEnded = unread > 0;
      if (hasEnded) refuseAllButZeros(piece.subarray(piece.length - unread), name);
    }
    if (!hasEnded) gunzip.end();
  };
  const fed = feed().catch((error) => {
    gunzip.destroy(error);
    throw error;
  });
  fed.catch(() => {});
  try {
    yield* gunzip as AsyncIterable<Buffer>;
    // The text may end long before the padding does.
    await fed;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? REASONS[String(error.code)] : undefined;
    throw reason === undefined ? error : new UserListError([`${name}: ${reason}`], { cause: error });
  } finally {
    isLeft = true;
  }
}

/** Resolves when the gzip data of a piece was read, or when reading has ended. */
const unpackedBy = (gunzip: Gunzip, piece: Buffer): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      gunzip.off('end', done).off('close', done);
      resolve();
    };
    gunzip.once('end', done).once('close', done);
    gunzip.write(piece, done);
  });

function refuseAllButZeros(piece: Buffer, name: string): void {
  if (piece.every((byte) => byte === 0)) return;
  throw new UserListError([
    `${name}: the gzip data ends, zeros follow, and then more data; compress the whole list again, as one file`,
  ]);
}
