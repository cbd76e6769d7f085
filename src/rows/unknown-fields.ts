import { ExactNumber } from '../json/exact-number.ts';
import { type Item, showValue } from './item-fields.ts';
import { InvalidPage } from './page.ts';
import { type Replacements, sanitizeText } from './sanitize-text.ts';

/** The names of the fields of an item that are not among `known`; null when there is none. */
export function unknownNames(item: Item, known: ReadonlySet<string>): string[] | null {
  let unknown: string[] | null = null;
  // What JSON.parse made has no fields but its own. Most items have nothing but known ones, and make no list here.
  for (const name in item) {
    if (known.has(name)) continue;
    unknown ??= [];
    unknown.push(name);
  }
  return unknown;
}

/**
 * These fields of an item as JSON text: names in order (the order in which a server happens to write them is no change), numbers
 * as they were written.
 * @throws {InvalidPage} where they cannot be kept
 */
export const fieldsText = (item: Item, names: string[], replaced: Replacements): string =>
  objectText(item, names, replaced, 1);

// Far more than any API nests, and far less than what overflows a stack, ours or PostgreSQL's.
const MOST_LEVELS = 100;
// Many times what a number means anything by, and far less than the 131,072 and 16,383 that PostgreSQL's numeric holds.
const MOST_DIGITS = 1_000;

function objectText(item: Item, names: string[], replaced: Replacements, level: number): string {
  const written = new Set<string>();
  const fields = names.sort().map((name) => {
    const stored = sanitizeText(name, replaced);
    // Names may differ in nothing but what cannot be stored; one of the two would be lost.
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
  if (level >= MOST_LEVELS)
    throw new InvalidPage(`${showValue(field)} is nested deeper than ${MOST_LEVELS} levels`);
  if (!Array.isArray(value)) return objectText(value as Item, Object.keys(value), replaced, level + 1);
  return `[${value.map((each) => valueText(each, field, replaced, level + 1)).join(',')}]`;
}

/** The number as it was written; one that PostgreSQL would refuse as a text. */
function numberText(text: string): string {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digitsBefore = whole.length + Number(exponent);
  const digitsAfter = fraction.length - Number(exponent);
  return Math.max(digitsBefore, digitsAfter, whole.length, fraction.length) <= MOST_DIGITS
    ? text
    : JSON.stringify(text);
}
