import { createHash, hash } from 'node:crypto';
import type { UserRows } from './normalize.ts';
import { ROW_FORMAT } from './tables.ts';

// 128 bits distinguish any two contents of one user. The other half of SHA-256 would take space in every row.
const BYTES = 16;

// Longer lists are hashed in parts: as one text, they would be in memory twice.
const LINES_AT_ONCE = 5_000;

/**
 * A digest of one user's rows without the user ID: equal for equal content in any order of the items, different after a change of
 * the row format.
 */
export function contentHash(rows: UserRows): Buffer {
  const digest = new ContentDigest();
  digest.add(rows);
  return digest.digest();
}

/** The same for rows that come in slices. */
export class ContentDigest {
  #conversations: string[] = [];
  #contactGroups: string[] = [];
  #memberships: string[] = [];
  #slices = 0;

  add(rows: UserRows): void {
    this.#slices += 1;
    // No text of a row holds U+0000, which PostgreSQL cannot store. So it ends each value without quotes. As JSON, the values
    // took 1.4 times the CPU.
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
 * Merges two lists; the first is empty most of the time. New lines are sorted at once: a concatenated text becomes one piece when
 * it is compared, and takes a fraction of the memory afterwards.
 */
function also(lines: string[], more: string[]): string[] {
  more.sort();
  if (lines.length === 0) return more;
  for (const line of more) lines.push(line);
  return lines;
}

/** Distinguishes null from the empty text. */
const orNull = (text: string | null): string => (text === null ? '' : `=${text}`);

/** The number of values, and each value. */
const written = (lines: readonly string[]): string => `${lines.length}\0${lines.join('\0')}`;
