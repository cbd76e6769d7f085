import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from } from 'pg-copy-streams';
import type { Cell } from '../../../rows/table.ts';

const SPECIAL = /[\\\t\n\r]/;
const EACH_SPECIAL = /[\\\t\n\r]/g;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value in COPY's text format (PostgreSQL's manual, COPY, "Text Format"). */
export function copyValue(value: Cell): string {
  if (value === null) return '\\N';
  if (typeof value === 'string')
    return SPECIAL.test(value)
      ? value.replace(EACH_SPECIAL, (character) => escapes[character] ?? character)
      : value;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return String(value);
}

/** Rows of a table, with their values in the order of `columns`, and `last` at the end of each if given. */
export function copyText(
  columns: readonly string[],
  rows: Iterable<Readonly<Record<string, Cell>>>,
  last?: Cell,
): string {
  const end = last === undefined ? '\n' : `\t${copyValue(last)}\n`;
  let text = '';
  for (const row of rows) {
    for (let i = 0; i < columns.length; i += 1) {
      if (i > 0) text += '\t';
      text += copyValue(row[columns[i] ?? ''] ?? null);
    }
    text += end;
  }
  return text;
}

/** Runs a `COPY … FROM STDIN` with the given pieces of text, in order. */
export async function copyIn(
  client: ClientBase,
  statement: string,
  pieces: Iterable<string | Buffer>,
): Promise<void> {
  await pipeline(Readable.from(gathered(pieces)), client.query(from(statement)));
}

// Each message has a fixed cost: one for each user took a tenth of the CPU time of loading.
const MESSAGE_BYTES = 64 * 1024;

function* gathered(pieces: Iterable<string | Buffer>): Generator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    const buffer = typeof piece === 'string' ? Buffer.from(piece) : piece;
    waiting.push(buffer);
    bytes += buffer.length;
    if (bytes < MESSAGE_BYTES) continue;
    yield Buffer.concat(waiting, bytes);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting, bytes);
}

/** A list of texts as an array literal (PostgreSQL's manual, "Array Input and Output Syntax"). */
export const arrayLiteral = (texts: readonly string[]): string =>
  `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
