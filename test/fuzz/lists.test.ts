import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from '../../src/report/text/printable.ts';
import { unpacked } from '../../src/user-list/bytes/gzip.ts';
import { utf8Text } from '../../src/user-list/bytes/utf8-text.ts';
import type { ListFormat } from '../../src/user-list/list-source.ts';
import { UserList } from '../../src/user-list/user-list.ts';
import { UserListError } from '../../src/user-list/user-list-error.ts';
import { bodies, hostileText, ordersATerminal } from './texts.ts';

// A list takes longer than a body.
const lists = Math.ceil(bodies / 2);

const forms: readonly ListFormat[] = ['lines', 'csv', 'json-lines', 'rows'];
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

const line = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z0-9]{1,8}$/) },
  { weight: 3, arbitrary: hostileText },
  { weight: 1, arbitrary: hostileText.map(quoted) },
  { weight: 1, arbitrary: hostileText.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: hostileText.map((text) => JSON.stringify({ user_id: text })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        '',
        ' ',
        'a,b',
        '"',
        '{"user_id":1e3}',
        '{"user_id":9007199254740993}',
        '[',
        'null',
        '{}',
        '-0',
        '1e400',
      ],
      'x'.repeat(40),
    ),
  },
);

const text = fc
  .tuple(
    fc.constantFrom(
      '',
      '\ufeff',
      'user_id\n',
      'user_id,name\r\n',
      '"user_id"\n',
      'user_id,user_id\n',
      'name\n',
    ),
    fc.array(line, { maxLength: 8 }),
    fc.constantFrom('\n', '\r\n', '\r', ''),
  )
  .map(([head, lines, end]) => Buffer.from(head + lines.join(end === '' ? '\n' : end) + end));

const bytes = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 1, arbitrary: text.map((utf8) => Buffer.from(utf8.toString('utf8'), 'utf16le')) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(text, fc.nat(), fc.nat({ max: 255 }))
      .map(([all, at, byte]) => withByte(all, at, byte)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((all) => Buffer.from(all)) },
);

/** As it is, gzipped, gzipped twice, or gzipped and damaged or cut. */
const packed = fc.oneof(
  { weight: 5, arbitrary: bytes },
  { weight: 2, arbitrary: bytes.map((all) => gzipSync(all)) },
  { weight: 1, arbitrary: bytes.map((all) => gzipSync(gzipSync(all))) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(bytes, fc.nat(), fc.nat({ max: 255 }))
      .map(([all, at, byte]) => withByte(gzipSync(all), at, byte)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(bytes, fc.nat()).map(([all, at]) => {
      const gzipped = gzipSync(all);
      return gzipped.subarray(0, at % gzipped.length);
    }),
  },
);

function withByte(all: Buffer, at: number, byte: number): Buffer {
  const changed = Buffer.from(all);
  if (changed.length > 0) changed[at % changed.length] = byte;
  return changed;
}

async function* inPieces(all: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < all.length; from += size) yield all.subarray(from, from + size);
}

type Reading = { readonly ids: readonly string[]; readonly list: UserList; readonly refusal: unknown };

async function readingOf(all: Buffer, format: ListFormat, size: number, maxBad: number): Promise<Reading> {
  const list = new UserList(
    {
      name: 'users',
      format,
      isStream: false,
      column: null,
      mayBeEmpty: false,
      bytes: utf8Text(unpacked(inPieces(all, size), 'users'), 'users'),
      place: (at) => `users:${at}`,
    },
    maxBad,
  );
  const ids: string[] = [];
  let refusal: unknown = null;
  try {
    for await (const batch of list.ids()) ids.push(...batch);
  } catch (error) {
    refusal = error;
  }
  return { ids, list, refusal };
}

const SEEN = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\u{e0020}-\u{e007f}]/u;
const JOINERS = /[\u200c-\u200f\u061c]/u;

/** Letters and signs that show nothing. */
const BLANKS = ['\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2800', '\u3164', '\uffa0'];

/** A text that the vendor accepts as a user ID and that people may mean: at most 32 bytes, without invisible characters. */
function isUserId(id: string): boolean {
  const length = Buffer.byteLength(id);
  if (length === 0 || length > 32 || !id.isWellFormed()) return false;
  const characters = [...id].filter((character) => !SEEN.test(character));
  const [first = 'x'] = [...id];
  const last = [...id].at(-1) ?? 'x';
  return (
    [first, last].every((end) => SEEN.test(end) || !/[\p{White_Space}\p{Cf}]/u.test(end)) &&
    [first, last].every((end) => !BLANKS.includes(end)) &&
    characters.every((one) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u.test(one)) &&
    characters.every((one) => !/\p{Cf}/u.test(one) || JOINERS.test(one))
  );
}

test(`each of ${lists} lists is read whole or refused with its lines, and no line is lost`, {
  timeout: 600_000 + bodies * 20,
}, async () => {
  const seen = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      packed,
      fc.constantFrom(...forms),
      fc.integer({ min: 1, max: 70 }),
      async (all, format, size) => {
        const strict = await readingOf(all, format, size, 0);
        const patient = await readingOf(all, format, size, Number.MAX_SAFE_INTEGER);
        for (const { ids, refusal } of [strict, patient]) {
          expect(ids.every(isUserId)).toBe(true);
          seen[refusal === null ? 'read' : 'refused'] += 1;
          if (refusal === null) continue;
          if (!(refusal instanceof UserListError)) throw refusal;
          expect(refusal.problems).not.toEqual([]);
          for (const problem of refusal.problems) {
            expect(problem.length).toBeLessThan(4_000);
            expect(ordersATerminal(`${printable(problem)}`)).toBe(false);
          }
        }
        const { lines, blank, bad } = patient.list.counts;
        expect(patient.ids.length + blank + bad).toBe(lines);
        // Bad lines are the only difference: the content that is read does not depend on --max-bad-lines.
        if (strict.refusal === null) expect(strict.ids).toEqual(patient.ids);
        else if (patient.refusal === null) expect(bad).toBeGreaterThan(0);
      },
    ),
    { numRuns: lists },
  );
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(lists / 20);
});

const writers: Readonly<Record<ListFormat, (ids: readonly string[]) => string>> = {
  lines: (ids) => ids.map((id) => `${id}\n`).join(''),
  csv: (ids) => ['user_id', ...ids].map((id) => `${quoted(id)}\r\n`).join(''),
  rows: (ids) => ['anything', ...ids].map((id) => `${quoted(id)}\n`).join(''),
  'json-lines': (ids) => ids.map((id, i) => `${JSON.stringify(i % 2 ? id : { user_id: id })}\n`).join(''),
};

test('a hostile ID that is an ID comes out of every format exactly, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(hostileText.filter(isUserId), { minLength: 1, maxLength: 6 }),
      fc.constantFrom(...forms),
      fc.boolean(),
      fc.integer({ min: 1, max: 70 }),
      async (some, format, gzipped, size) => {
        // One that is plain: lines that all hold a comma, or all stand in quotes, are taken for a CSV.
        const ids = ['plain', ...some];
        const written = Buffer.from(writers[format](ids));
        const { ids: read, refusal } = await readingOf(
          gzipped ? gzipSync(written) : written,
          format,
          size,
          0,
        );
        expect(refusal).toBeNull();
        expect(read).toEqual(ids);
      },
    ),
    { numRuns: Math.ceil(bodies / 4) },
  );
});
