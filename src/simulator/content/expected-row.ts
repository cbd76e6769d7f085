import type { Unreadable } from './unreadable.ts';

/** A row of `conversations` as an export has to have it. */
export type ExpectedConversation = {
  user_id: string;
  sdk_app_id: number;
  conversation_id: string;
  conversation_type: 'c2c' | 'group';
  peer_id: string;
  standard_mark: string | null;
  is_starred: boolean | null;
  is_marked_unread: boolean | null;
  is_folded: boolean | null;
  is_hidden: boolean | null;
  custom_mark: string | null;
  /** As `2026-11-22T03:00:00Z` */
  source_updated_at: string | null;
  /** JSON text of the fields that no version knows. */
  extra: string | null;
};

export type ExpectedContactGroup = {
  user_id: string;
  sdk_app_id: number;
  /** Digits of a bigint. */
  contact_group_id: string;
  contact_group_name: string;
  extra: string | null;
};

export type ExpectedMembership = {
  user_id: string;
  sdk_app_id: number;
  /** Digits of a bigint. */
  contact_group_id: string;
  conversation_id: string;
};

/** A user who can be exported whole, with the counts of its rows. */
type ExpectedExportedUser = {
  user_id: string;
  sdk_app_id: number;
  conversations: number;
  contact_groups: number;
  memberships: number;
};

/** A user who cannot be exported on this day, and why. */
type ExpectedUnexportedUser = {
  user_id: string;
  sdk_app_id: number;
  kind: 'not_in_app' | 'failed' | 'endless' | 'unreadable';
  /** The API's code; null where the pages are to blame. */
  error_code: number | null;
};

/** A user whose pages hold what is neither a conversation nor a contact group. */
type ExpectedOddUser = {
  user_id: string;
  sdk_app_id: number;
  /** What is wrong with a page that cannot be understood; or items whose Type is unknown, which a right export leaves out. */
  why: Unreadable | 'unknown_type';
};

export type ExpectedRow =
  | { table: 'conversations'; row: ExpectedConversation }
  | { table: 'contact_groups'; row: ExpectedContactGroup }
  | { table: 'memberships'; row: ExpectedMembership }
  | { table: 'exported_users'; row: ExpectedExportedUser }
  | { table: 'unexported_users'; row: ExpectedUnexportedUser }
  | { table: 'odd_users'; row: ExpectedOddUser };
