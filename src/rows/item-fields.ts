import { ExactNumber } from '../json/exact-number.ts';
import { InvalidPage } from './page.ts';
import { isStorable, type Replacements, sanitizeText } from './sanitize-text.ts';

/** An item of a page as JSON gave it: its fields by name. */
export type Item = Readonly<Record<string, unknown>>;

/** The item as an object. @throws {InvalidPage} when it is none */
export function asItem(value: unknown, list: string): Item {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof ExactNumber) {
    throw new InvalidPage(`an item of ${list} is ${showValue(value)}, not an object`);
  }
  return value as Item;
}

/** A value for a message: short, and on one line. Nested values, which may be deep, are not shown. */
export const showValue = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  const isNumber = value instanceof ExactNumber;
  if (typeof value === 'object' && value !== null && !isNumber) return 'an object';
  const text = isNumber ? value.text : (JSON.stringify(value) ?? 'absent');
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * A whole number of up to 64 bits as its decimal digits, exact, from a JSON number or from digits in a string.
 * @throws {InvalidPage} for anything else
 */
export function wholeNumberText(value: unknown, field: string): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  const digits = value instanceof ExactNumber ? wholeDigits(value.text) : value;
  if (typeof digits === 'string' && /^-?\d{1,19}$/.test(digits)) {
    const exact = BigInt(digits);
    if (exact >= INT64_MIN && exact <= INT64_MAX) return exact.toString();
  }
  throw new InvalidPage(`${field} is ${showValue(value)}, not a whole number of 64 bits`);
}

/** The digits of an integer in any notation: `1.7e9`, `5.0`; otherwise the text unchanged. */
function wholeDigits(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text) ?? [];
  const digits = whole + fraction;
  const places = whole.length + Number(exponent);
  if (places < 1 || /[1-9]/.test(digits.slice(places))) return text;
  return sign + digits.slice(0, places).padEnd(places, '0');
}

/** An ID, unchanged. @throws {InvalidPage} when it would have to be changed, and could become another ID */
export function idText(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new InvalidPage(`${field} is ${showValue(value)}, not a string`);
  if (isStorable(value)) return value;
  throw new InvalidPage(
    `${field} is ${showValue(value)}, an ID that cannot be stored: it holds U+0000 or half of a surrogate pair`,
  );
}

/** A text, made storable. @throws {InvalidPage} for anything else than a string */
export function text(value: unknown, field: string, replaced: Replacements): string {
  if (typeof value !== 'string') throw new InvalidPage(`${field} is ${showValue(value)}, not a string`);
  return sanitizeText(value, replaced);
}

/** A text that may be absent or null, which are both null. */
export function optionalText(value: unknown, field: string, replaced: Replacements): string | null {
  return value === undefined || value === null ? null : text(value, field, replaced);
}
