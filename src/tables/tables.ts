import type { RowOf, Table } from './table.ts';

const owner = [
  { name: 'user_id', type: 'text', id: true },
  { name: 'sdk_app_id', type: 'bigint' },
] as const;

/** One row per item of a user's list. */
export const conversations = {
  name: 'conversations',
  columns: [
    ...owner,
    { name: 'conversation_id', type: 'text', id: true },
    { name: 'conversation_type', type: 'text' },
    { name: 'peer_id', type: 'text', id: true },
    { name: 'standard_mark', type: 'text', nullable: true },
    { name: 'is_starred', type: 'boolean', nullable: true },
    { name: 'is_marked_unread', type: 'boolean', nullable: true },
    { name: 'is_folded', type: 'boolean', nullable: true },
    { name: 'is_hidden', type: 'boolean', nullable: true },
    { name: 'custom_mark', type: 'text', nullable: true },
    { name: 'source_updated_at', type: 'timestamptz', nullable: true },
    { name: 'extra', type: 'jsonb', nullable: true },
  ],
  key: ['user_id', 'sdk_app_id', 'conversation_id'],
} as const satisfies Table;

/** One row per contact group that a page named. */
export const contactGroups = {
  name: 'contact_groups',
  columns: [
    ...owner,
    { name: 'contact_group_id', type: 'bigint' },
    { name: 'contact_group_name', type: 'text' },
    { name: 'extra', type: 'jsonb', nullable: true },
  ],
  key: ['user_id', 'sdk_app_id', 'contact_group_id'],
} as const satisfies Table;

/** That a conversation is in a contact group; the group need not be among `contactGroups`. */
export const memberships = {
  name: 'memberships',
  columns: [
    ...owner,
    { name: 'contact_group_id', type: 'bigint' },
    { name: 'conversation_id', type: 'text', id: true },
  ],
  key: ['user_id', 'sdk_app_id', 'contact_group_id', 'conversation_id'],
} as const satisfies Table;

/** One row per user exported whole, empty ones too: it tells "exported and empty" from "never exported". */
export const exportedUsers = {
  name: 'exported_users',
  columns: [
    ...owner,
    { name: 'conversations', type: 'bigint' },
    { name: 'contact_groups', type: 'bigint' },
    { name: 'memberships', type: 'bigint' },
  ],
  key: ['user_id', 'sdk_app_id'],
} as const satisfies Table;

/** One row per user of a run's plan who was not exported in it, with the reason. */
export const unexportedUsers = {
  name: 'unexported_users',
  columns: [
    ...owner,
    { name: 'reason', type: 'text' },
    { name: 'error_code', type: 'bigint', nullable: true },
    { name: 'error_info', type: 'text', nullable: true },
    { name: 'attempts', type: 'bigint' },
  ],
  key: ['user_id', 'sdk_app_id'],
} as const satisfies Table;

/** The three tables that a user's pages become. */
export const rowTables = [conversations, contactGroups, memberships] as const;

/** Every table that a run fills, in the order in which files and statements list them. */
export const allTables = [...rowTables, exportedUsers, unexportedUsers] as const;

export type ConversationRow = RowOf<typeof conversations>;
export type ContactGroupRow = RowOf<typeof contactGroups>;
export type MembershipRow = RowOf<typeof memberships>;
export type ExportedUserRow = RowOf<typeof exportedUsers>;
export type UnexportedUserRow = RowOf<typeof unexportedUsers>;

/** Why a user was not exported: a closed list, the values of `unexported_users.reason`. */
export const unexportedReasons = {
  not_in_app: 'the app has no such account',
  refused_by_api: 'the API refused this user',
  transient_error: 'a passing fault did not pass within the attempts allowed',
  page_refused: 'a page could not be understood',
  paging_broken: 'the pages do not end, or do not go on',
} as const;

export type UnexportedReason = keyof typeof unexportedReasons;

/**
 * The version of what the rows mean. It is part of every content hash, so that a release which reads pages
 * differently writes every user again, and of every run, which only goes on under the version it began with.
 */
export const ROW_FORMAT = 1;
