import { hash } from 'node:crypto';
import type { UserRows } from './normalize.ts';
import { ROW_FORMAT } from './tables.ts';

// 128 bits tell any two contents of one user apart; the other half of SHA-256 would be paid for in every row.
const BYTES = 16;

/**
 * A digest of all that one user's rows say, but for whose they are: equal for equal content, in whatever order the
 * items came, and different after a change of the row format.
 */
export function contentHash(rows: UserRows): Buffer {
  // A line holds no line feed of its own, as JSON writes one.
  const content = [
    String(ROW_FORMAT),
    sorted(
      rows.conversations.map((row) => [
        row.conversation_id,
        row.standard_mark,
        row.custom_mark,
        row.source_updated_at,
        row.extra,
      ]),
    ),
    sorted(rows.contactGroups.map((row) => [row.contact_group_id, row.contact_group_name, row.extra])),
    sorted(rows.memberships.map((row) => [row.contact_group_id, row.conversation_id])),
  ].join('\n\n');
  return hash('sha256', content, 'buffer').subarray(0, BYTES);
}

const sorted = (rows: unknown[][]): string =>
  rows
    .map((row) => JSON.stringify(row))
    .sort()
    .join('\n');
