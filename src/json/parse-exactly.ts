import { randomUUID } from 'node:crypto';
import { ExactNumber } from './exact-number.ts';

// Parts of numbers that may change when they are read and written: an exponent, a point, the negative zero.
const EXPONENT = /\d[eE][-+\d]/;
const POINT = /\d\.\d/;
const NEGATIVE_ZERO = '-0';
// The same at the place of a number, at a third of JSON.parse's own cost: many digits, an exponent, zeros at the end or many of
// them after the point, the negative zero. Text within a string may look like one, which only costs time.
const CHANGING = /[:,[]\s*-?(?:[\d.]{16}|[\d.]+[eE]|\d+\.(?:0{6}|\d*0(?![\d.]))|(?<=-)0(?![\d.]))/;
// Random, so that no JSON text can contain it on purpose.
const MARK = `${randomUUID()}:`;
const NUMBER = /-?\d[\d.eE+-]*/y;
const QUOTE = '"';
const BACKSLASH = 92;

/**
 * Parses a JSON text. A number that would be written differently becomes an {@link ExactNumber}.
 *
 * Node.js 20 gives a reviver no source text. A text without such numbers, nearly every one, takes a third more CPU than with
 * JSON.parse alone; the others are parsed a second time.
 * @throws {SyntaxError} as JSON.parse does
 */
export function parseExactly(json: string): unknown {
  const value: unknown = JSON.parse(json);
  if (!hasUnsafeNumber(value) && !looksChanging(json)) return value;
  const marked = withMarks(json);
  return marked === null ? value : withExactNumbers(JSON.parse(marked));
}

/** Whether a number in it is not an integer, or too large to be exact. */
function hasUnsafeNumber(root: unknown): boolean {
  const open: object[] = [[root]];
  const isUnsafe = (value: unknown): boolean => {
    if (typeof value === 'number') return !Number.isSafeInteger(value);
    if (typeof value === 'object' && value !== null) open.push(value);
    return false;
  };
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (Array.isArray(one)) {
      for (const value of one) if (isUnsafe(value)) return true;
    } else {
      // Objects of JSON.parse have only own fields, and Object.values would make a list of each item.
      for (const name in one) if (isUnsafe(one[name as keyof typeof one])) return true;
    }
  }
  return false;
}

const looksChanging = (json: string): boolean =>
  (EXPONENT.test(json) || json.includes(NEGATIVE_ZERO) || (json.includes('.') && POINT.test(json))) &&
  CHANGING.test(json);

/** The same text, valid JSON, with strings that begin with MARK in the place of such numbers; null when it has none. */
function withMarks(json: string): string | null {
  const parts: string[] = [];
  let copied = 0;
  let at = 0;
  while (at < json.length) {
    const character = json[at] ?? '';
    if (character === QUOTE) {
      at = endOfString(json, at);
    } else if (character === '-' || (character >= '0' && character <= '9')) {
      NUMBER.lastIndex = at;
      const text = NUMBER.exec(json)?.[0] ?? character;
      if (JSON.stringify(Number(text)) !== text) {
        parts.push(json.slice(copied, at), QUOTE, MARK, text, QUOTE);
        copied = at + text.length;
      }
      at += text.length;
    } else at += 1;
  }
  return parts.length === 0 ? null : [...parts, json.slice(copied)].join('');
}

/** The place after the closing quote of a string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf(QUOTE, start + 1);
  for (;;) {
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
    end = json.indexOf(QUOTE, end + 1);
  }
}

/** Neither a reviver nor recursive: texts may be nested without limit. */
function withExactNumbers(root: unknown): unknown {
  const holder = [root];
  const open: object[] = [holder];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const [name, value] of Object.entries(one)) {
      if (typeof value === 'object' && value !== null) open.push(value);
      if (typeof value !== 'string' || !value.startsWith(MARK)) continue;
      // Assigning to a field called `__proto__` would do something else.
      Object.defineProperty(one, name, { value: new ExactNumber(value.slice(MARK.length)) });
    }
  }
  return holder[0];
}
