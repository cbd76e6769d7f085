import { wholeNumberText } from './item-fields.ts';
import { InvalidPage } from './page.ts';

// The first second of 2101, exclusive. A Timestamp past it is in milliseconds, or damaged.
const END = Date.UTC(2101, 0, 1) / 1000;

const DAY = 86_400;
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
/** `03:07:` by minutes since midnight. */
const minutes = Array.from(
  { length: 1440 },
  (_, m) => `${twoDigits[Math.floor(m / 60)]}:${twoDigits[m % 60]}:`,
);
/** `09Z` by seconds. */
const ends = twoDigits.map((second) => `${second}Z`);
/** `2026-11-22T` by days since 1970; there are 47,847 of them until END. */
const dates = new Map<number, string>();

/**
 * Unix seconds, 0 or more, as `2026-11-22T03:00:00Z`. Each item has one: caching dates takes 0.1 µs instead of 1.4, and saves a
 * tenth of pulling a page of 100 items.
 */
export function isoSeconds(seconds: number): string {
  const day = Math.floor(seconds / DAY);
  let date = dates.get(day);
  if (date === undefined) {
    date = new Date(day * DAY * 1000).toISOString().slice(0, 'YYYY-MM-DDT'.length);
    dates.set(day, date);
  }
  const inDay = seconds % DAY;
  return date + (minutes[Math.floor(inDay / 60)] ?? '') + (ends[inDay % 60] ?? '');
}

/**
 * An item's Timestamp (unix seconds, a number or its digits) as an instant; absent, null and 0 are null.
 * @throws {InvalidPage} outside 1970 to 2100: another unit, or damage
 */
export function readTimestamp(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const seconds = Number(wholeNumberText(value, 'Timestamp'));
  if (seconds === 0) return null;
  if (seconds < 0 || seconds >= END) {
    throw new InvalidPage(`Timestamp is ${seconds}, outside 1970 to 2100 in unix seconds`);
  }
  return isoSeconds(seconds);
}
