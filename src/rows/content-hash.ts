import { createHash, hash } from 'node:crypto';
import type { UserRows } from './normalize.ts';
import { ROW_FORMAT } from './tables.ts';

// 128 bits tell any two contents of one user apart; the other half of SHA-256 would be paid for in every row.
const BYTES = 16;

// More lines than that are hashed some after the other: as one text, they would be there twice.
const LINES_AT_ONCE = 5_000;

/**
 * A digest of all that one user's rows say, but for whose they are: equal for equal content, in whatever order the
 * items came, and different after a change of the row format.
 */
export function contentHash(rows: UserRows): Buffer {
  const digest = new ContentDigest();
  digest.add(rows);
  return digest.digest();
}

/** The same of rows that come in slices. */
export class ContentDigest {
  #conversations: string[] = [];
  #contactGroups: string[] = [];
  #memberships: string[] = [];
  #slices = 0;

  add(rows: UserRows): void {
    this.#slices += 1;
    // No text of a row holds U+0000, as PostgreSQL's has no place for it: what ends with it needs no quotes. As JSON, the
    // values took 1.4 times the CPU.
    this.#conversations = also(
      this.#conversations,
      rows.conversations.map(
        (row) =>
          `${row.conversation_id}\0${orNull(row.standard_mark)}\0${orNull(row.custom_mark)}\0` +
          `${orNull(row.source_updated_at)}\0${orNull(row.extra)}`,
      ),
    );
    this.#contactGroups = also(
      this.#contactGroups,
      rows.contactGroups.map(
        (row) => `${row.contact_group_id}\0${row.contact_group_name}\0${orNull(row.extra)}`,
      ),
    );
    this.#memberships = also(
      this.#memberships,
      rows.memberships.map((row) => `${row.contact_group_id}\0${row.conversation_id}`),
    );
  }

  digest(): Buffer {
    const lists = [this.#conversations, this.#contactGroups, this.#memberships];
    if (this.#slices > 1) for (const lines of lists) lines.sort();
    if (lists.every(({ length }) => length <= LINES_AT_ONCE)) {
      return hash('sha256', [String(ROW_FORMAT), ...lists.map(written)].join('\0'), 'buffer').subarray(
        0,
        BYTES,
      );
    }
    const hasher = createHash('sha256').update(String(ROW_FORMAT));
    for (const lines of lists) {
      hasher.update(`\0${lines.length}\0`);
      for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
        if (from > 0) hasher.update('\0');
        hasher.update(lines.slice(from, from + LINES_AT_ONCE).join('\0'));
      }
    }
    return hasher.digest().subarray(0, BYTES);
  }
}

/**
 * Of two lists, both; the first may be empty, as it mostly is. What is added is sorted at once: a text that was put together is
 * made one piece when it is compared, and takes a fraction of the memory from then on.
 */
function also(lines: string[], more: string[]): string[] {
  more.sort();
  if (lines.length === 0) return more;
  for (const line of more) lines.push(line);
  return lines;
}

/** Tells null from a text that is empty. */
const orNull = (text: string | null): string => (text === null ? '' : `=${text}`);

/** How many there are, and each. */
const written = (lines: readonly string[]): string => `${lines.length}\0${lines.join('\0')}`;
