import { linesIn } from '../storage/lines.ts';

// A comma and its field. Quotes within quotes are doubled.
const FIELD = /,(?:"([^"]*(?:""[^"]*)*)"|([^,]*))/g;

/** The records of a file that this program wrote, the header first, streamed. */
export async function* recordsIn(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let lines: string[] = [];
  let isWithinQuotes = false;
  for await (const { text } of linesIn(pieces)) {
    lines.push(text);
    if (quotesIn(text) % 2 === 1) isWithinQuotes = !isWithinQuotes;
    if (isWithinQuotes) continue;
    yield lines.join('\n');
    lines = [];
  }
}

/** The fields of a record as RFC 4180 quotes them; null for an empty field without quotes. */
export function fieldsOf(record: string): (string | null)[] {
  return Array.from(`,${record}`.matchAll(FIELD), ([, quoted, plain]) =>
    quoted === undefined ? plain || null : quoted.replaceAll('""', '"'),
  );
}

const quotesIn = (text: string): number => (text.includes('"') ? text.split('"').length - 1 : 0);
