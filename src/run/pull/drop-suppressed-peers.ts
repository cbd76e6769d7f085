import type { ForgottenUsers } from '../../destinations/contract/forgotten-users.ts';
import type { UserRows } from '../../rows/normalize.ts';

/** A user's rows without the conversations with users who are forgotten as peers, and their memberships. */
export function dropSuppressedPeers(rows: UserRows, forgotten: ForgottenUsers): UserRows {
  if (!forgotten.hasPeers) return rows;
  const gone = new Set(
    rows.conversations
      .filter((row) => row.conversation_type === 'c2c' && forgotten.hasPeer(row.peer_id))
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
