import { PageRefused } from './page.ts';
import { type Replacements, storableText } from './storable-text.ts';

/** An item of a page as JSON gave it: its fields by name. */
export type Item = Readonly<Record<string, unknown>>;

/** The item as an object. @throws {PageRefused} when it is none */
export function asItem(value: unknown, list: string): Item {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PageRefused(`an item of ${list} is ${show(value)}, not an object`);
  }
  return value as Item;
}

/** A value for a message: short, and never more than one line. What is nested is not shown, since it may be deep. */
export const show = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * A whole number as its decimal digits, exact: from a JSON number up to 2^53, or from digits in a string up to
 * 64 bits. @throws {PageRefused} for anything else
 */
export function wholeNumber(value: unknown, field: string): string {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
    throw new PageRefused(
      `${field} is ${show(value)}, which is not a whole number that can be read exactly (2^53)`,
    );
  }
  if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) {
    const exact = BigInt(value);
    if (exact >= INT64_MIN && exact <= INT64_MAX) return exact.toString();
  }
  throw new PageRefused(`${field} is ${show(value)}, not a whole number of 64 bits`);
}

/** A text, made storable. @throws {PageRefused} for anything else than a string */
export function text(value: unknown, field: string, replaced: Replacements): string {
  if (typeof value !== 'string') throw new PageRefused(`${field} is ${show(value)}, not a string`);
  return storableText(value, replaced);
}

/** A text that may be absent or null, which are both null. */
export function optionalText(value: unknown, field: string, replaced: Replacements): string | null {
  return value === undefined || value === null ? null : text(value, field, replaced);
}

/**
 * The fields of an item that are not among `known`, as JSON text with names in order (the order in which a server
 * happens to write them is no change); null when there is none.
 */
export function unknownFields(item: Item, known: ReadonlySet<string>, replaced: Replacements): string | null {
  let unknown: string[] | null = null;
  // What JSON.parse made has no fields but its own. Most items have nothing but known ones, and make no list here.
  for (const name in item) {
    if (known.has(name)) continue;
    unknown ??= [];
    unknown.push(name);
  }
  return unknown === null ? null : JSON.stringify(storableObject(item, unknown, replaced));
}

// Far more than any API nests, and far less than what overflows a stack, ours or PostgreSQL's.
const MOST_LEVELS = 100;

function storableObject(item: Item, names: string[], replaced: Replacements, level = 1): object {
  // Without a prototype, since a field may well be called `__proto__`.
  const copy = Object.create(null) as Record<string, unknown>;
  for (const name of names.sort()) {
    const stored = storableText(name, replaced);
    // Names may differ in nothing but what cannot be stored; one of the two would be lost.
    if (stored in copy) throw new PageRefused(`two fields would both be called ${show(stored)}`);
    copy[stored] = storableValue(item[name], name, replaced, level);
  }
  return copy;
}

function storableValue(value: unknown, field: string, replaced: Replacements, level: number): unknown {
  if (typeof value === 'string') return storableText(value, replaced);
  // JSON's 1e400 is read as Infinity, which would be written as null.
  const fraction = Number.isFinite(value) && !Number.isInteger(value);
  if (typeof value === 'number' && !fraction && !Number.isSafeInteger(value)) {
    throw new PageRefused(`${show(field)} holds the number ${value}, which cannot be read exactly (2^53)`);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (level >= MOST_LEVELS)
    throw new PageRefused(`${show(field)} is nested deeper than ${MOST_LEVELS} levels`);
  if (Array.isArray(value)) return value.map((each) => storableValue(each, field, replaced, level + 1));
  return storableObject(value as Item, Object.keys(value), replaced, level + 1);
}
