import type { CheckResult } from '../destinations/contract/inspection.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import type { Cost } from './cost.ts';

/**
 * Whether the rows will fit on the disk.
 * @param freeBytes null when unknown
 * @param holdsRows whether a run adds to existing rows: then it may need no more space at all
 */
export function roomFinding(cost: Cost, freeBytes: number | null, holdsRows: boolean): CheckResult {
  const subject = 'disk';
  const each = Math.round(cost.conversations === 0 ? 0 : cost.bytes / cost.conversations);
  const basis =
    cost.bytesFrom === 'measured'
      ? `${each} bytes a conversation, as here now`
      : `${each} bytes a conversation, an assumption`;
  const takes = `the rows take about ${sizeText(cost.bytes)} (${basis})`;
  if (cost.from === null) {
    return {
      subject,
      state: 'unknown',
      message: 'the size of the rows is unknown: no user was pulled, and there is no earlier run',
    };
  }
  if (cost.conversations === 0) {
    return {
      subject,
      state: 'unknown',
      message: 'the size of the rows is unknown: no user had a conversation',
    };
  }
  if (freeBytes === null) {
    return {
      subject,
      state: 'unknown',
      message: `${takes}; how much space is free there is not known`,
    };
  }
  const message = `${takes}; ${sizeText(freeBytes)} are free`;
  // A new snapshot is written beside the one that it replaces; a database keeps old rows until they are vacuumed.
  if (freeBytes < cost.bytes && !holdsRows) {
    return {
      subject,
      state: 'fail',
      message,
      hint: 'free some space, or choose another destination',
      exitCode: exitCodes.destination,
    };
  }
  return freeBytes < 2 * cost.bytes
    ? { subject, state: 'warn', message, hint: 'free some space before it runs full' }
    : { subject, state: 'pass', message };
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes in powers of 1,000, with two or three digits: 12 kB, 1.4 GB. */
export function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1_000 && unit < UNITS.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`;
}
