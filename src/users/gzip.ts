import { createGunzip } from 'node:zlib';
import { UserListError } from './user-list-error.ts';

const MAGIC = Buffer.from([0x1f, 0x8b]);
const REASONS: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'the gzip file is cut short',
  Z_DATA_ERROR: 'the gzip file is damaged',
};

/** The bytes of a file, unpacked where its first bytes say that it is gzipped. @throws {UserListError} */
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
    // Not awaited: a pipe that nobody writes to would never come to its end.
    iterator.return?.().catch(() => {});
  }
}

async function* gunzipped(packed: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const feed = (async () => {
    for await (const piece of packed) {
      if (!gunzip.write(piece)) await new Promise((resolve) => gunzip.once('drain', resolve));
    }
    gunzip.end();
  })();
  feed.catch((error) => gunzip.destroy(error));
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? REASONS[String(error.code)] : undefined;
    throw reason === undefined ? error : new UserListError([`${name}: ${reason}`], { cause: error });
  }
}
