import type { ContactGroup } from './contact-group.ts';
import type { Conversation } from './conversation.ts';
import { type Kind, kindOf } from './kind.ts';
import { contentOf } from './nights.ts';
import type { SimulatorOptions } from './options.ts';
import { readOptions } from './read-options.ts';
import { userId } from './user-id.ts';

/** A row of `conversations` as an export has to have it. */
export type TrueConversation = {
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

export type TrueContactGroup = {
  user_id: string;
  sdk_app_id: number;
  contact_group_id: number;
  contact_group_name: string;
  extra: string | null;
};

export type TrueMembership = {
  user_id: string;
  sdk_app_id: number;
  contact_group_id: number;
  conversation_id: string;
};

/** A user who can be exported whole, with the counts of its rows. */
export type TrueExportedUser = {
  user_id: string;
  sdk_app_id: number;
  conversations: number;
  contact_groups: number;
  memberships: number;
};

/** A user who cannot be exported on this night, and why. */
export type TrueUnexportedUser = {
  user_id: string;
  sdk_app_id: number;
  kind: 'not_in_app' | 'failed' | 'endless';
  /** The API's code; null where the pages never end. */
  error_code: number | null;
};

export type TrueRow =
  | { table: 'conversations'; row: TrueConversation }
  | { table: 'contact_groups'; row: TrueContactGroup }
  | { table: 'memberships'; row: TrueMembership }
  | { table: 'exported_users'; row: TrueExportedUser }
  | { table: 'unexported_users'; row: TrueUnexportedUser };

/** PostgreSQL can store neither U+0000 nor lone surrogates. */
const storable = (text: string): string =>
  text.includes('\0') || /[\ud800-\udfff]/.test(text)
    ? text.replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd')
    : text;

const storableJson = (fields: Record<string, unknown> | undefined): string | null =>
  fields === undefined
    ? null
    : JSON.stringify(fields, (_, value: unknown) => (typeof value === 'string' ? storable(value) : value));

/** Bit n of a mark, counted from the last character. */
const bit = (mark: string | undefined, n: number): boolean | null =>
  mark === undefined ? null : mark.charAt(mark.length - 1 - n) === '1';

const instant = (seconds: number | undefined): string | null =>
  seconds ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') : null;

type Key = Pick<TrueConversation, 'user_id' | 'sdk_app_id'>;

const conversationId = (conversation: Conversation): string =>
  storable((conversation.type === 1 ? 'c2c_' : 'group_') + conversation.peer);

// Keys are written out because spreading them takes longer than all the rest of a row.
const trueConversation = (key: Key, conversation: Conversation): TrueConversation => ({
  user_id: key.user_id,
  sdk_app_id: key.sdk_app_id,
  conversation_id: conversationId(conversation),
  conversation_type: conversation.type === 1 ? 'c2c' : 'group',
  peer_id: storable(conversation.peer),
  standard_mark: conversation.standardMark ?? null,
  is_starred: bit(conversation.standardMark, 0),
  is_marked_unread: bit(conversation.standardMark, 1),
  is_folded: bit(conversation.standardMark, 2),
  is_hidden: bit(conversation.standardMark, 3),
  custom_mark: typeof conversation.customMark === 'string' ? storable(conversation.customMark) : null,
  source_updated_at: instant(conversation.timestamp),
  extra: storableJson(conversation.extra),
});

const trueContactGroup = (key: Key, group: ContactGroup): TrueContactGroup => ({
  user_id: key.user_id,
  sdk_app_id: key.sdk_app_id,
  contact_group_id: group.id,
  contact_group_name: storable(group.name),
  extra: storableJson(group.extra),
});

const trueMemberships = (key: Key, conversation: Conversation): TrueMembership[] => {
  const conversation_id = conversationId(conversation);
  return [...new Set(conversation.contactGroups)].map((contact_group_id) => ({
    user_id: key.user_id,
    sdk_app_id: key.sdk_app_id,
    contact_group_id,
    conversation_id,
  }));
};

const unexported = (key: Key, kind: Exclude<Kind, { name: 'ordinary' | 'empty' }>): TrueRow => ({
  table: 'unexported_users',
  row: { ...key, kind: kind.name, error_code: kind.name === 'endless' ? null : kind.code },
});

/** The rows of one user: its content's, then the one that says whether it can be exported. */
export function* trueRowsOf(options: SimulatorOptions, index: number): Generator<TrueRow> {
  const key: Key = { user_id: userId(index, options.oddUserIds), sdk_app_id: options.sdkAppId };
  const kind = kindOf(options, index);
  if (kind.name !== 'ordinary' && kind.name !== 'empty') {
    yield unexported(key, kind);
    return;
  }
  const { conversations, groups } = contentOf(options, index);
  let memberships = 0;
  for (const conversation of conversations) {
    yield { table: 'conversations', row: trueConversation(key, conversation) };
    for (const row of trueMemberships(key, conversation)) {
      memberships++;
      yield { table: 'memberships', row };
    }
  }
  for (const group of groups) yield { table: 'contact_groups', row: trueContactGroup(key, group) };
  const counts = { conversations: conversations.length, contact_groups: groups.length, memberships };
  yield { table: 'exported_users', row: { ...key, ...counts } };
}

/** What a right export of the options' night holds, computed without pages, user by user. */
export async function* trueRows(given: Partial<SimulatorOptions> = {}): AsyncGenerator<TrueRow> {
  const options = readOptions(given);
  for (let index = 0; index < options.users; index++) yield* trueRowsOf(options, index);
}
