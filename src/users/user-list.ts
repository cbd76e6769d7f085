import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { lines } from './lines.ts';
import { MAX_USER_ID_BYTES, userIdProblem } from './user-id.ts';
import { UserListError } from './user-list-error.ts';

/** What stands for standard input in place of a file's path. */
const STANDARD_INPUT = '-';
// Their lines are no user IDs, and would be called one by one before anybody noticed.
const OTHER_FORMS = /\.(csv|tsv|jsonl|ndjson|json|parquet|xlsx)(\.gz)?$/i;
const MOST_PROBLEMS_SHOWN = 10;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/**
 * The user IDs of a list, one a line, in its order and with its repetitions, in batches. A gzipped list is recognized
 * by its first bytes. Blank lines are skipped.
 * @param source a file's path, or `-` for standard input
 * @throws {UserListError} when the file cannot be read, or, after its last line, for all bad lines together
 */
export async function* readUserList(source: string): AsyncGenerator<string[]> {
  const file = source === STANDARD_INPUT ? 'standard input' : source;
  const form = OTHER_FORMS.exec(source)?.[1];
  if (form !== undefined) {
    throw new UserListError([`${file}: lists in the form .${form} cannot be read; give one user ID a line`]);
  }
  const problems: string[] = [];
  let bad = 0;
  let line = 0;
  let users = 0;
  try {
    for await (const batch of lines(plainBytes(source), MAX_USER_ID_BYTES)) {
      const ids: string[] = [];
      for (const bytes of batch) {
        line += 1;
        if (isBlank(bytes)) continue;
        const problem = userIdProblem(bytes);
        if (problem === null) {
          ids.push(bytes.toString('utf8'));
          continue;
        }
        bad += 1;
        if (bad <= MOST_PROBLEMS_SHOWN) problems.push(`${file}:${line}: ${problem}`);
      }
      users += ids.length;
      if (ids.length > 0) yield ids;
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  if (bad > MOST_PROBLEMS_SHOWN) problems.push(`${file}: and ${bad - MOST_PROBLEMS_SHOWN} more bad lines`);
  if (bad > 0) throw new UserListError(problems);
  if (users === 0) throw new UserListError([`${file}: holds no user ID; expected one a line`]);
}

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09);

/** The bytes of a file, unpacked where it is gzipped. */
async function* plainBytes(source: string): AsyncGenerator<Buffer> {
  const raw =
    source === STANDARD_INPUT ? process.stdin : createReadStream(source, { highWaterMark: 256 * 1024 });
  const pieces = raw[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    let head: Buffer = Buffer.alloc(0);
    while (head.length < GZIP_MAGIC.length) {
      const { value, done } = await pieces.next();
      if (done === true) break;
      head = Buffer.concat([head, value]);
    }
    const all = async function* (): AsyncGenerator<Buffer> {
      yield head;
      for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
    };
    if (head.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC)) yield* gunzipped(all());
    else yield* all();
  } finally {
    raw.destroy();
  }
}

async function* gunzipped(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const feed = (async () => {
    for await (const piece of packed) {
      if (!gunzip.write(piece)) await new Promise((resolve) => gunzip.once('drain', resolve));
    }
    gunzip.end();
  })();
  feed.catch((error) => gunzip.destroy(error));
  yield* gunzip as AsyncIterable<Buffer>;
}

function unreadable(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    EISDIR: 'is a directory, not a file',
    EACCES: 'cannot be read: permission denied',
    Z_BUF_ERROR: 'the gzip file is cut short',
    Z_DATA_ERROR: 'the gzip file is damaged',
  };
  const reason = reasons[String(error.code)] ?? `cannot be read: ${error.message}`;
  return new UserListError([`${file}: ${reason}`], { cause: error });
}
