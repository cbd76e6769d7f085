const LF = 0x0a;
const CR = 0x0d;

/**
 * Splits a stream of bytes into lines, a batch for each piece that arrives. LF and CRLF end a line. Only about the first
 * `longest` + 1 bytes of a longer line are kept, so that a file without line ends cannot fill the memory.
 */
export async function* lines(pieces: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Buffer[]> {
  // One more byte shows that the line is too long. Another may be a CR.
  const most = longest + 2;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const data = joined(rest, piece, most);
    const batch: Buffer[] = [];
    let from = 0;
    for (let end = data.indexOf(LF); end !== -1; end = data.indexOf(LF, from)) {
      batch.push(withoutCr(data.subarray(from, end)));
      from = end + 1;
    }
    // A copy, since `data` may be the reader's own buffer. A CR is kept until the next byte is known.
    rest = Buffer.from(data.subarray(from, from + most));
    if (batch.length > 0) yield batch;
  }
  if (rest.length > 0) yield [withoutCr(rest)];
}

/** The rest of a line that is too long is skipped, instead of being copied with every piece of it. */
function joined(rest: Buffer, piece: Buffer, most: number): Buffer {
  if (rest.length === 0) return piece;
  const end = rest.length < most ? 0 : piece.indexOf(LF);
  return end === -1 ? rest : Buffer.concat([rest, piece.subarray(end)]);
}

const withoutCr = (line: Buffer): Buffer => (line.at(-1) === CR ? line.subarray(0, -1) : line);
