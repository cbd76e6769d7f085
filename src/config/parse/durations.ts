const second = 1_000;

// In the required order of the parts of a duration.
const units: ReadonlyMap<string, number> = new Map([
  ['d', 86_400 * second],
  ['h', 3_600 * second],
  ['min', 60 * second],
  ['s', second],
  ['ms', 1],
]);

const part = /(\d+(?:\.\d+)?) *([a-z]+) */y;
const expected = 'expected a duration such as 500ms, 90s, 30m, 1h30m, 20h or 1d';

/**
 * `1h30m`, `30 min` or `500ms` to milliseconds, rounded. `m` is minutes; larger units stand before smaller ones.
 * @throws RangeError with a sentence for the person who typed it
 */
export function parseDuration(text: string): number {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) {
    throw new RangeError(`the unit is missing; write for example ${trimmed}s or ${trimmed}m`);
  }
  let milliseconds = 0;
  let previous = Number.POSITIVE_INFINITY;
  part.lastIndex = 0;
  do {
    const match = part.exec(trimmed);
    const unit = units.get(match?.[2] === 'm' ? 'min' : (match?.[2] ?? ''));
    if (!match || unit === undefined || unit >= previous) throw new RangeError(expected);
    milliseconds += Number(match[1]) * unit;
    previous = unit;
  } while (part.lastIndex < trimmed.length);
  const rounded = Math.round(milliseconds);
  if (!Number.isSafeInteger(rounded)) throw new RangeError(expected);
  return rounded;
}
