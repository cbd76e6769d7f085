import type { UserRows } from '../rows/normalize.ts';
import type { Pseudonyms } from './pseudonyms.ts';

/**
 * A user's rows with pseudonyms in place of IDs: the user's, and the peer's of each conversation. `conversation_id` keeps its
 * prefix.
 * @param userId the pseudonym of the rows' owner
 */
export function pseudonymousRows(rows: UserRows, userId: string, pseudonyms: Pseudonyms): UserRows {
  const conversationIds = new Map<string, string>();
  // Written field by field, for the reason given in `normalize`.
  const conversations = rows.conversations.map((row) => {
    const isUser = row.conversation_type === 'c2c';
    const peerId = isUser ? pseudonyms.user(row.peer_id) : pseudonyms.group(row.peer_id);
    const conversationId = `${row.conversation_type}_${peerId}`;
    conversationIds.set(row.conversation_id, conversationId);
    return {
      user_id: userId,
      sdk_app_id: row.sdk_app_id,
      conversation_id: conversationId,
      conversation_type: row.conversation_type,
      peer_id: peerId,
      standard_mark: row.standard_mark,
      is_starred: row.is_starred,
      is_marked_unread: row.is_marked_unread,
      is_folded: row.is_folded,
      is_hidden: row.is_hidden,
      custom_mark: row.custom_mark,
      source_updated_at: row.source_updated_at,
      // Unknown fields may contain IDs.
      extra: null,
    };
  });
  return {
    userId,
    conversations,
    contactGroups: rows.contactGroups.map((row) => ({
      user_id: userId,
      sdk_app_id: row.sdk_app_id,
      contact_group_id: row.contact_group_id,
      contact_group_name: row.contact_group_name,
      // Unknown fields may contain IDs.
      extra: null,
    })),
    memberships: rows.memberships.map((row) => ({
      user_id: userId,
      sdk_app_id: row.sdk_app_id,
      contact_group_id: row.contact_group_id,
      conversation_id: renamed(conversationIds, row.conversation_id),
    })),
    oddities: rows.oddities,
  };
}

/** A membership always belongs to a conversation of the same user. */
function renamed(names: ReadonlyMap<string, string>, conversationId: string): string {
  const name = names.get(conversationId);
  if (name === undefined) throw new TypeError('a membership without its conversation');
  return name;
}
