import { UsageError } from './usage-error.ts';

/** A positive integer from the command line; undefined when it was not given. @throws {UsageError} */
export function parseWholeNumber(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new UsageError(`${name} ${String(value)}: expected a whole number from 1`);
}
