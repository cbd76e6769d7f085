import type { RowOf, Table } from './table.ts';

/** Why a user was not exported: a closed list, the values of `unexported_users.reason`. */
export const unexportedReasons = {
  not_in_app: 'the app has no such account',
  api_error: 'the API refused this user',
  transient_error: 'a temporary error lasted longer than the attempts allowed',
  invalid_page: 'a page could not be read',
  pagination_error: 'the pages do not end, or do not continue',
} as const;

export type UnexportedReason = keyof typeof unexportedReasons;

const owner = [
  {
    name: 'user_id',
    type: 'text',
    id: true,
    description: 'The owner of the list (From_Account); with --pseudonymize a keyed hash of the ID',
  },
  { name: 'sdk_app_id', type: 'bigint', description: 'The app (SDKAppID)' },
] as const;

const conversationId = {
  name: 'conversation_id',
  type: 'text',
  id: true,
  description:
    "c2c_ and the peer's user ID, or group_ and the group's ID, in the format of the vendor's SDKs; with --pseudonymize a keyed hash of the ID",
} as const;

const contactGroupId = {
  name: 'contact_group_id',
  type: 'bigint',
  description:
    'The ID of the contact group. It is unique only within one user: groups of two users with the same ID are different groups',
} as const;

const extra = {
  name: 'extra',
  type: 'jsonb',
  nullable: true,
  description:
    'Fields of the item that this version does not know, as the API sent them; null when there are none, and with --pseudonymize or --drop-free-text',
} as const;

const bit = <N extends string>(name: N, number: number, description: string) =>
  ({
    name,
    type: 'boolean',
    nullable: true,
    description: `${description} (bit ${number} of standard_mark); null when standard_mark is null`,
  }) as const;

export const conversations = {
  name: 'conversations',
  description:
    "One conversation of a user's contact-group list, with its marks. The API has another list for recent contacts",
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
      description:
        'The marks as the API sent them: a string of 0 and 1 whose last character is bit 0 (StandardMark)',
    },
    bit('is_starred', 0, 'The user marked it as a favourite'),
    bit(
      'is_marked_unread',
      1,
      'The user marked it as unread, which does not change any count of unread messages',
    ),
    bit('is_folded', 2, 'The user folded it away'),
    bit('is_hidden', 3, 'The user hid it'),
    {
      name: 'custom_mark',
      type: 'text',
      nullable: true,
      description:
        "The app's own mark (CustomMark); null when the API sent none, an empty text when the API sent an empty text; null with --drop-free-text",
    },
    {
      name: 'source_updated_at',
      type: 'timestamptz',
      nullable: true,
      description:
        'When the item was last changed, according to the API (Timestamp); null when the API sends 0 or nothing',
    },
    extra,
  ],
  key: ['user_id', 'sdk_app_id', 'conversation_id'],
} as const satisfies Table;

export const contactGroups = {
  name: 'contact_groups',
  description: 'One contact group of a user, including empty groups, if the API named it',
  columns: [
    ...owner,
    contactGroupId,
    {
      name: 'contact_group_name',
      type: 'text',
      description: 'The name (GroupName); empty with --drop-free-text',
    },
    extra,
  ],
  key: ['user_id', 'sdk_app_id', 'contact_group_id'],
} as const satisfies Table;

export const memberships = {
  name: 'memberships',
  description:
    "A conversation's membership in a contact group. A conversation can be in several groups. If the API never names a group, contact_groups has no row for it",
  columns: [...owner, contactGroupId, conversationId],
  key: ['user_id', 'sdk_app_id', 'contact_group_id', 'conversation_id'],
} as const satisfies Table;

export const exportedUsers = {
  name: 'exported_users',
  description:
    'One user who was exported completely, including users without conversations. A user who is not here was never exported',
  columns: [
    ...owner,
    { name: 'conversations', type: 'bigint', description: 'The number of conversations of the user' },
    { name: 'contact_groups', type: 'bigint', description: 'The number of contact groups of the user' },
    { name: 'memberships', type: 'bigint', description: 'The number of memberships of the user' },
  ],
  key: ['user_id', 'sdk_app_id'],
} as const satisfies Table;

export const unexportedUsers = {
  name: 'unexported_users',
  description: "One user of a run's plan whom the run did not export. Rows of an earlier run are unchanged",
  columns: [
    ...owner,
    {
      name: 'reason',
      type: 'text',
      description: `The reason, one of: ${Object.keys(unexportedReasons).join(', ')}`,
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
        'What failed: a message of the API or of the program; with --pseudonymize of the program only',
    },
    { name: 'calls', type: 'bigint', description: 'The number of API calls for the user' },
  ],
  key: ['user_id', 'sdk_app_id'],
} as const satisfies Table;

/** The three tables for the content of a user's pages. */
export const rowTables = [conversations, contactGroups, memberships] as const;

/** Every table that a run writes, in the order of files and statements. */
export const allTables = [...rowTables, exportedUsers, unexportedUsers] as const;

export type ConversationRow = RowOf<typeof conversations>;
export type ContactGroupRow = RowOf<typeof contactGroups>;
export type MembershipRow = RowOf<typeof memberships>;
export type ExportedUserRow = RowOf<typeof exportedUsers>;
export type UnexportedUserRow = RowOf<typeof unexportedUsers>;

/**
 * The version of the meaning of rows. It is part of every content hash, so a release that reads pages differently writes
 * every user again. It is part of every run, so a run resumes only under the version with which it started.
 */
export const ROW_FORMAT = 1;
