import type { Unreadable } from './unreadable.ts';

/** An expected row of `conversations`. */
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

/** A user who can be exported, with the counts of the rows. */
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
  /** The API's code; null when the pages are the cause. */
  error_code: number | null;
};

/** A user whose pages contain items that are neither conversations nor contact groups. */
type ExpectedOddUser = {
  user_id: string;
  sdk_app_id: number;
  /** Why a page is invalid. For items of an unknown Type: a correct export skips them. */
  why: Unreadable | 'unknown_type';
};

export type ExpectedRow =
  | { table: 'conversations'; row: ExpectedConversation }
  | { table: 'contact_groups'; row: ExpectedContactGroup }
  | { table: 'memberships'; row: ExpectedMembership }
  | { table: 'exported_users'; row: ExpectedExportedUser }
  | { table: 'unexported_users'; row: ExpectedUnexportedUser }
  | { table: 'odd_users'; row: ExpectedOddUser };
