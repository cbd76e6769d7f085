import type { SuppressedUsers } from '../../destinations/contract/suppressed-users.ts';
import type { UserRows } from '../../rows/normalize.ts';

/** A user's rows without the conversations with users who are suppressed as peers, and their memberships. */
export function dropSuppressedPeers(rows: UserRows, suppressed: SuppressedUsers): UserRows {
  if (!suppressed.hasPeers) return rows;
  const gone = new Set(
    rows.conversations
      .filter((row) => row.conversation_type === 'c2c' && suppressed.hasPeer(row.peer_id))
      .map((row) => row.conversation_id),
  );
  if (gone.size === 0) return rows;
  const isKept = (row: { readonly conversation_id: string }): boolean => !gone.has(row.conversation_id);
  return {
    ...rows,
    conversations: rows.conversations.filter(isKept),
    memberships: rows.memberships.filter(isKept),
  };
}
