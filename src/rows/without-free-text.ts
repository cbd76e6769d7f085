import type { UserRows } from './normalize.ts';

/**
 * A user's rows without free text of people or of the app: names of contact groups are empty, custom marks and unknown fields are
 * null. Pure.
 */
export const withoutFreeText = (rows: UserRows): UserRows => ({
  userId: rows.userId,
  // Written field by field, for the reason given in `normalize`.
  conversations: rows.conversations.map((row) => ({
    user_id: row.user_id,
    sdk_app_id: row.sdk_app_id,
    conversation_id: row.conversation_id,
    conversation_type: row.conversation_type,
    peer_id: row.peer_id,
    standard_mark: row.standard_mark,
    is_starred: row.is_starred,
    is_marked_unread: row.is_marked_unread,
    is_folded: row.is_folded,
    is_hidden: row.is_hidden,
    custom_mark: null,
    source_updated_at: row.source_updated_at,
    extra: null,
  })),
  contactGroups: rows.contactGroups.map((row) => ({
    user_id: row.user_id,
    sdk_app_id: row.sdk_app_id,
    contact_group_id: row.contact_group_id,
    contact_group_name: '',
    extra: null,
  })),
  memberships: rows.memberships,
  oddities: rows.oddities,
});
