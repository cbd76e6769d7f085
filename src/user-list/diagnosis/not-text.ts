/** The number of bytes that identify a file type. */
export const TELLING_BYTES = 4096;

type Signature = { readonly what: string; readonly at?: number; readonly bytes: string | readonly number[] };

const UNPACK = 'unpack it';
const SAVE = 'save it as CSV with commas and a header, in UTF-8';
const WRITE = 'write the user IDs into a CSV';

/** The first bytes of file types that hold lists, but not as text. Each is too long, or too unusual, to begin a list of IDs. */
const SIGNATURES: readonly (Signature & { readonly next: string })[] = [
  { what: 'gzipped twice', bytes: [0x1f, 0x8b, 8], next: 'compress it once' },
  { what: 'compressed with bzip2', bytes: 'BZh', next: UNPACK },
  { what: 'compressed with Zstandard', bytes: [0x28, 0xb5, 0x2f, 0xfd], next: UNPACK },
  { what: 'compressed with xz', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], next: UNPACK },
  { what: 'compressed with lzip', bytes: 'LZIP\x01', next: UNPACK },
  { what: 'compressed with lzma', bytes: [0x5d, 0, 0], next: UNPACK },
  { what: 'compressed with LZ4', bytes: [0x04, 0x22, 0x4d, 0x18], next: UNPACK },
  { what: 'compressed with compress', bytes: [0x1f, 0x9d], next: UNPACK },
  { what: 'compressed with Snappy', bytes: [0xff, 0x06, 0, 0, 0x73, 0x4e, 0x61], next: UNPACK },
  { what: 'a 7-Zip archive', bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], next: UNPACK },
  { what: 'a RAR archive', bytes: 'Rar!\x1a\x07', next: UNPACK },
  { what: 'a tar archive', bytes: 'ustar', at: 257, next: UNPACK },
  { what: 'an Excel file (.xls)', bytes: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], next: SAVE },
  { what: 'a SQLite database', bytes: 'SQLite format 3\0', next: WRITE },
  { what: 'a PostgreSQL dump', bytes: 'PGDMP\x01', next: WRITE },
  { what: 'a PostgreSQL binary COPY', bytes: 'PGCOPY\n\xff\r\n\0', next: WRITE },
  { what: 'an Avro file', bytes: 'Obj\x01', next: WRITE },
  { what: 'an Arrow file', bytes: 'ARROW1\0', next: WRITE },
  { what: 'an Arrow file', bytes: [0xff, 0xff, 0xff, 0xff], next: WRITE },
  { what: 'a PDF', bytes: '%PDF-', next: WRITE },
];

/** Why the beginning of a file is not that of a UTF-8 list, and a hint; null when it can be. */
export function notText(head: Buffer): string | null {
  const encoding = detectEncoding(head);
  if (encoding !== null) return `the file is ${encoding}; save it as UTF-8`;
  const found = archive(head) ?? columnar(head) ?? signature(head) ?? markup(head);
  return found === null ? null : `the file is ${found.what}; ${found.next}`;
}

type Found = { readonly what: string; readonly next: string };

function signature(head: Buffer): Found | null {
  const found = SIGNATURES.find(({ bytes, at = 0 }) => startsWith(head, bytes, at)) ?? null;
  // An ID can begin with three letters, but not with the block after them: the digits of pi, or of its square root.
  if (found?.bytes === 'BZh' && !BZIP2_BLOCKS.some((block) => startsWith(head, block, 4))) return null;
  return found;
}

const BZIP2_BLOCKS = [
  [0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
  [0x17, 0x72, 0x45, 0x38, 0x50, 0x90],
];

/** Spreadsheets are ZIP archives, too. */
function archive(head: Buffer): Found | null {
  if (!['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'].some((bytes) => startsWith(head, bytes, 0))) return null;
  const names = head.toString('latin1');
  if (names.includes('opendocument.spreadsheet'))
    return { what: 'an OpenDocument spreadsheet (.ods)', next: SAVE };
  return /\[Content_Types\]\.xml|xl\/|_rels\/\.rels/.test(names)
    ? { what: 'an Excel file (.xlsx)', next: SAVE }
    : { what: 'a ZIP archive', next: UNPACK };
}

/** Their names are letters; bytes that no text has follow soon. */
function columnar(head: Buffer): Found | null {
  const name = ['PAR1', 'ORC'].find((bytes) => startsWith(head, bytes, 0));
  if (name === undefined || !head.subarray(0, 64).some((byte) => byte < 0x09)) return null;
  return { what: name === 'ORC' ? 'an ORC file' : 'a Parquet file', next: WRITE };
}

function markup(head: Buffer): Found | null {
  const found = /^\s*<(\?xml|!doctype html|html|head|body|table)\b/i.exec(head.toString('latin1', 0, 200));
  if (found === null) return null;
  const what = found[1]?.toLowerCase() === '?xml' ? 'XML' : 'an HTML page';
  return { what, next: 'look at what wrote or downloaded it, and give a list' };
}

function startsWith(head: Buffer, bytes: Signature['bytes'], at: number): boolean {
  const wanted = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes);
  return head.subarray(at, at + wanted.length).equals(wanted);
}

/** UTF-16 or UTF-32, by its byte order mark or by the places of its zeros; null if it may be UTF-8. */
function detectEncoding(head: Buffer): string | null {
  const [a, b, c, d] = head;
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
    return 'UTF-32';
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return 'UTF-16';
  if (a === 0x2b && b === 0x2f && c === 0x76 && d !== undefined && [0x38, 0x39, 0x2b, 0x2f].includes(d)) {
    return 'UTF-7';
  }
  if (head.length < 4 || !head.includes(0)) return null;
  if ((a !== 0 && b === 0 && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0 && d !== 0))
    return 'UTF-32';
  if ((a !== 0 && b === 0 && c !== 0 && d === 0) || (a === 0 && b !== 0 && c === 0 && d !== 0))
    return 'UTF-16';
  return hasWideLineEnds(head) ? 'UTF-16' : null;
}

/** Letters of most scripts have no zero in UTF-16. Line ends have one, always on the same side: all, and not one by chance. */
function hasWideLineEnds(head: Buffer): boolean {
  let [little, big, other] = [0, 0, 0];
  for (let at = head.indexOf(0); at !== -1; at = head.indexOf(0, at + 1)) {
    const isLow = at % 2 === 1;
    const of = head[isLow ? at - 1 : at + 1];
    if (of === undefined || of === 0) other += 1;
    else if (isLow) little += of === 0x0a ? 1 : 0;
    else big += of === 0x0a ? 1 : 0;
  }
  const ends = head.filter((byte) => byte === 0x0a).length;
  return other === 0 && (little === 0 || big === 0) && 2 * (little + big) > ends;
}
