import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lines } from '../../../src/user-list/bytes/lines.ts';

const LONGEST = 5;

async function linesOf(pieces: readonly Buffer[]): Promise<string[]> {
  const found: string[] = [];
  const stream = async function* () {
    // Each piece in the same memory, as a reader may do.
    const shared = Buffer.alloc(Math.max(0, ...pieces.map((piece) => piece.length)));
    for (const piece of pieces) {
      piece.copy(shared);
      yield shared.subarray(0, piece.length);
      shared.fill('!');
    }
  };
  for await (const batch of lines(stream(), LONGEST)) {
    for (const line of batch) found.push(line.toString('latin1'));
  }
  return found;
}

function plainSplit(text: string): string[] {
  const all = text.split('\n');
  if (all.at(-1) === '') all.pop();
  return all.map((line) => line.replace(/\r$/, ''));
}

/** A line that is too long is only known to be so: the rest of it may have been dropped. */
const comparable = (line: string): string =>
  line.length > LONGEST ? `${line.slice(0, LONGEST)} and more` : line;

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('\n', '\r\n', '\r', 'a', 'bc', 'abcd', '\0', '\n\n'),
      fc.string({ unit: fc.constantFrom('x', '\r'), maxLength: 20 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

test('lines cut at any boundaries equal the plain split', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.integer({ min: 0, max: 8 })), async (given, sizes) => {
      const bytes = Buffer.from(given, 'latin1');
      const pieces: Buffer[] = [];
      let from = 0;
      for (const size of sizes) {
        pieces.push(bytes.subarray(from, from + size));
        from = Math.min(bytes.length, from + size);
      }
      pieces.push(bytes.subarray(from));
      expect((await linesOf(pieces)).map(comparable)).toEqual(plainSplit(given).map(comparable));
    }),
    { numRuns: 1_000 },
  );
});

test('of a line without end only a little is kept', async () => {
  const piece = Buffer.alloc(64 * 1024, 'x');
  const endless = async function* () {
    for (let n = 0; n < 1_000; n += 1) yield piece;
    yield Buffer.from('\nend');
  };
  const found: Buffer[] = [];
  for await (const batch of lines(endless(), LONGEST)) found.push(...batch);
  expect(found).toHaveLength(2);
  expect(found[0]?.length).toBeGreaterThan(LONGEST);
  expect(found[0]?.length).toBeLessThanOrEqual(LONGEST + 2);
  expect(found[1]?.toString()).toBe('end');
});
