const LF = 0x0a;
const CR = 0x0d;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Cuts a stream of bytes into lines, a batch for each piece that arrives. LF and CRLF end a line, a byte order mark at
 * the start is dropped. Of a line longer than `longest` bytes only the first `longest` + 1 are kept, so that a file
 * without line ends cannot fill the memory.
 */
export async function* lines(pieces: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Buffer[]> {
  const most = longest + 1;
  let rest: Buffer = Buffer.alloc(0);
  let atStart = true;
  for await (const piece of pieces) {
    let data = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    if (atStart) {
      if (data.length < BOM.length && BOM.subarray(0, data.length).equals(data)) {
        rest = Buffer.from(data);
        continue;
      }
      if (data.subarray(0, BOM.length).equals(BOM)) data = data.subarray(BOM.length);
      atStart = false;
    }
    const batch: Buffer[] = [];
    let from = 0;
    for (let end = data.indexOf(LF); end !== -1; end = data.indexOf(LF, from)) {
      batch.push(withoutCr(data.subarray(from, end)));
      from = end + 1;
    }
    // A copy, as above, since `data` may be the reader's own buffer; CR is kept until it is known what follows.
    rest = Buffer.from(data.subarray(from, from + most + 1));
    if (batch.length > 0) yield batch;
  }
  if (rest.length > 0) yield [withoutCr(rest)];
}

const withoutCr = (line: Buffer): Buffer => (line.at(-1) === CR ? line.subarray(0, -1) : line);
