import { ExactNumber } from '../json/exact-number.ts';
import { type Item, showValue } from './item-fields.ts';
import { InvalidPage } from './page.ts';
import { type Replacements, sanitizeText } from './sanitize-text.ts';

/** The names of an item's fields that are not in `known`; null when there is none. */
export function unknownNames(item: Item, known: ReadonlySet<string>): string[] | null {
  let unknown: string[] | null = null;
  // Objects of JSON.parse have only own fields. Most items have no unknown field, and need no list.
  for (const name in item) {
    if (known.has(name)) continue;
    unknown ??= [];
    unknown.push(name);
  }
  return unknown;
}

/**
 * These fields of an item as JSON text. Names are sorted, since the order of a server is no content. Numbers are unchanged.
 * @throws {InvalidPage} when they cannot be stored
 */
export const fieldsText = (item: Item, names: string[], replaced: Replacements): string =>
  objectText(item, names, replaced, 1);

// Far more than any API nests, and far less than what overflows our stack or PostgreSQL's.
const MAX_LEVELS = 100;
// Far more than any sensible number has, and far less than the 131,072 and 16,383 digits of PostgreSQL's numeric.
const MAX_DIGITS = 1_000;

function objectText(item: Item, names: string[], replaced: Replacements, level: number): string {
  const written = new Set<string>();
  const fields = names.sort().map((name) => {
    const stored = sanitizeText(name, replaced);
    // Two names may differ only in characters that cannot be stored; then one of the two would be lost.
    if (written.has(stored)) throw new InvalidPage(`two fields would both be called ${showValue(stored)}`);
    written.add(stored);
    return `${JSON.stringify(stored)}:${valueText(item[name], name, replaced, level)}`;
  });
  return `{${fields.join(',')}}`;
}

function valueText(value: unknown, field: string, replaced: Replacements, level: number): string {
  if (typeof value === 'string') return JSON.stringify(sanitizeText(value, replaced));
  if (value instanceof ExactNumber) return numberText(value.text);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (level >= MAX_LEVELS)
    throw new InvalidPage(`${showValue(field)} is nested deeper than ${MAX_LEVELS} levels`);
  if (!Array.isArray(value)) return objectText(value as Item, Object.keys(value), replaced, level + 1);
  return `[${value.map((each) => valueText(each, field, replaced, level + 1)).join(',')}]`;
}

/** The number as it was written; as a text if PostgreSQL would refuse it. */
function numberText(text: string): string {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digitsBefore = whole.length + Number(exponent);
  const digitsAfter = fraction.length - Number(exponent);
  return Math.max(digitsBefore, digitsAfter, whole.length, fraction.length) <= MAX_DIGITS
    ? text
    : JSON.stringify(text);
}
