import fc from 'fast-check';

/** How many bodies, lists or files a property is tried with; `npm run test:hostile -- --bodies 100000` sets it. */
export const bodies = Number(process.env.HOSTILE_BODIES ?? 1_000);

/** Texts that shells, spreadsheets, terminals and databases take for commands, or for the end of their input. */
export const orders: readonly string[] = [
  '\u001b[2J\u001b[31m',
  '\u001b]0;owned\u0007',
  '\u001b]8;;http://evil.example\u001b\\click\u001b]8;;\u001b\\',
  '\u001b]52;c;ZXZpbA==\u0007',
  '\u009b31m',
  '\u009d0;owned\u009c',
  '\r\u001b[K',
  '\u0008\u0008\u0008',
  '\u007f',
  'user\u202etxt.exe',
  '\u2066left\u2069',
  '\u200fright',
  '\u2028',
  '\u2029',
  '\u0085',
  '=1+1',
  "=cmd|' /C calc'!A0",
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\\.',
  '\\N',
  '\\',
  '\\\\',
  '\\n',
  '\n',
  '\r\n',
  '\n\\.\n',
  '"',
  '""',
  '","',
  "'",
  "'; drop table conversations; --",
  '$$',
  '$1',
  '{a,"b"}',
  'NULL',
  'null',
  '',
  ' ',
  '\ufeff',
  '%s%n',
  '$ENV{x}',
  '__proto__',
  'constructor',
];

export const unstorable: readonly string[] = ['\0', '\ud800', '\udc00', '\udfff\ud800', 'a\0b'];

/** A text with bad intent. It also contains characters that PostgreSQL cannot store. */
export const hostileText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...orders) },
  { weight: 1, arbitrary: fc.constantFrom(...unstorable) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom(...orders, ...unstorable, 'a', '用'), { maxLength: 4 })
      .map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);

/** As a text is stored (README: U+0000 and lone surrogates become U+FFFD), said without the program's words for it. */
export const stored = (text: string): string =>
  [...text].map((character) => (/^[\0\ud800-\udfff]$/.test(character) ? '\ufffd' : character)).join('');

/** Whether a terminal would obey something in this text, but for the end of a line. */
export const ordersATerminal = (text: string): boolean =>
  /(?!\n)[\p{Cc}\p{Zl}\p{Zp}]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(text);
