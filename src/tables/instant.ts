import { wholeNumber } from './item-fields.ts';
import { PageRefused } from './page.ts';

// The first second of 2101, exclusive: a Timestamp past it is surely milliseconds, or damage.
const END = Date.UTC(2101, 0, 1) / 1000;

/** Unix seconds as `2026-11-22T03:00:00Z`. */
export const isoSeconds = (seconds: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;

/**
 * An item's Timestamp (unix seconds, a number or its digits) as an instant; absent, null and 0 are null.
 * @throws {PageRefused} outside 1970 to 2100, where it would be another unit or damage
 */
export function readTimestamp(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const seconds = Number(wholeNumber(value, 'Timestamp'));
  if (seconds === 0) return null;
  if (seconds < 0 || seconds >= END) {
    throw new PageRefused(`Timestamp is ${seconds}, outside 1970 to 2100 in unix seconds`);
  }
  return isoSeconds(seconds);
}
