import type { RowOf, Table } from './table.ts';

/** Why a user was not exported: a closed list, the values of `unexported_users.reason`. */
export const unexportedReasons = {
  not_in_app: 'the app has no such account',
  api_error: 'the API refused this user',
  transient_error: 'a passing fault did not pass within the attempts allowed',
  invalid_page: 'a page could not be understood',
  pagination_error: 'the pages do not end, or do not go on',
} as const;

export type UnexportedReason = keyof typeof unexportedReasons;

const owner = [
  {
    name: 'user_id',
    type: 'text',
    id: true,
    description: 'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID',
  },
  { name: 'sdk_app_id', type: 'bigint', description: 'The app (SDKAppID)' },
] as const;

const conversationId = {
  name: 'conversation_id',
  type: 'text',
  id: true,
  description:
    "c2c_ and the peer's user ID, or group_ and the group's ID, as the vendor's SDKs write it; with --pseudonymize a keyed hash of the ID",
} as const;

const contactGroupId = {
  name: 'contact_group_id',
  type: 'bigint',
  description:
    "The contact group; such IDs are each user's own, so two users' groups with one ID are two groups",
} as const;

const extra = {
  name: 'extra',
  type: 'jsonb',
  nullable: true,
  description:
    'Fields of the item that this version does not know, kept as they came; null when there are none, and with --pseudonymize or --drop-free-text',
} as const;

const bit = <N extends string>(name: N, number: number, says: string) =>
  ({
    name,
    type: 'boolean',
    nullable: true,
    description: `${says}: bit ${number} of standard_mark; null where there is no standard_mark`,
  }) as const;

export const conversations = {
  name: 'conversations',
  description:
    "One conversation of a user's contact-group list, with its marks; this list is the user's own and not that of recent contacts",
  columns: [
    ...owner,
    conversationId,
    { name: 'conversation_type', type: 'text', description: 'c2c (with a user) or group (Type 1 or 2)' },
    {
      name: 'peer_id',
      type: 'text',
      id: true,
      description:
        'The other user, or the group (To_Account or ToGroupId); with --pseudonymize a keyed hash of the ID',
    },
    {
      name: 'standard_mark',
      type: 'text',
      nullable: true,
      description: 'The marks as they came, a string of 0 and 1 whose last character is bit 0 (StandardMark)',
    },
    bit('is_starred', 0, 'The user marked it as a favourite'),
    bit('is_marked_unread', 1, 'The user marked it as unread, which changes no count of unread messages'),
    bit('is_folded', 2, 'The user folded it away'),
    bit('is_hidden', 3, 'The user hid it'),
    {
      name: 'custom_mark',
      type: 'text',
      nullable: true,
      description:
        "The app's own mark; null when the API sent none, an empty text when it sent one (CustomMark); null with --drop-free-text",
    },
    {
      name: 'source_updated_at',
      type: 'timestamptz',
      nullable: true,
      description:
        'When the item was last changed, as the API says; null when it says 0 or nothing (Timestamp)',
    },
    extra,
  ],
  key: ['user_id', 'sdk_app_id', 'conversation_id'],
} as const satisfies Table;

export const contactGroups = {
  name: 'contact_groups',
  description: 'One contact group of a user that the API named, empty ones too',
  columns: [
    ...owner,
    contactGroupId,
    {
      name: 'contact_group_name',
      type: 'text',
      description: 'Its name (GroupName); empty with --drop-free-text',
    },
    extra,
  ],
  key: ['user_id', 'sdk_app_id', 'contact_group_id'],
} as const satisfies Table;

export const memberships = {
  name: 'memberships',
  description:
    'That a conversation is in a contact group; a conversation can be in several, and the API may never name the group, so that contact_groups has no row',
  columns: [...owner, contactGroupId, conversationId],
  key: ['user_id', 'sdk_app_id', 'contact_group_id', 'conversation_id'],
} as const satisfies Table;

export const exportedUsers = {
  name: 'exported_users',
  description:
    'One user who was exported whole, users without any conversation too; whoever is not here was never exported',
  columns: [
    ...owner,
    { name: 'conversations', type: 'bigint', description: 'How many conversations the user has' },
    { name: 'contact_groups', type: 'bigint', description: 'How many contact groups the user has' },
    { name: 'memberships', type: 'bigint', description: 'How many memberships the user has' },
  ],
  key: ['user_id', 'sdk_app_id'],
} as const satisfies Table;

export const unexportedUsers = {
  name: 'unexported_users',
  description:
    "One user of a run's plan who was not exported in it; rows of an earlier run stay as they were",
  columns: [
    ...owner,
    {
      name: 'reason',
      type: 'text',
      description: `Why, one of: ${Object.keys(unexportedReasons).join(', ')}`,
    },
    {
      name: 'error_code',
      type: 'bigint',
      nullable: true,
      description: "The API's code (ErrorCode); null when the API gave none",
    },
    {
      name: 'error_info',
      type: 'text',
      nullable: true,
      description:
        'What failed, in the words of the API or of the program; with --pseudonymize of the program alone',
    },
    { name: 'calls', type: 'bigint', description: 'How many calls were made for the user' },
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

/**
 * The version of what the rows mean. It is part of every content hash, so that a release which reads pages
 * differently writes every user again, and of every run, which only goes on under the version it began with.
 */
export const ROW_FORMAT = 1;
