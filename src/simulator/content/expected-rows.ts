import type { SimulatorOptions } from '../options/options.ts';
import { readOptions } from '../options/read-options.ts';
import type { ContactGroup } from './contact-group.ts';
import { userContent } from './content-by-day.ts';
import type { Conversation } from './conversation.ts';
import type {
  ExpectedContactGroup,
  ExpectedConversation,
  ExpectedMembership,
  ExpectedRow,
} from './expected-row.ts';
import { hasUnknownTypes } from './malformed-items.ts';
import { userId } from './user-id.ts';
import { type UserProfile, userProfile } from './user-profile.ts';

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

type Key = Pick<ExpectedConversation, 'user_id' | 'sdk_app_id'>;

const conversationId = (conversation: Conversation): string =>
  storable((conversation.type === 1 ? 'c2c_' : 'group_') + conversation.peer);

// Keys are written out: spreading them takes longer than the rest of a row.
const expectedConversation = (key: Key, conversation: Conversation): ExpectedConversation => ({
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

const expectedContactGroup = (key: Key, group: ContactGroup): ExpectedContactGroup => ({
  user_id: key.user_id,
  sdk_app_id: key.sdk_app_id,
  contact_group_id: group.id,
  contact_group_name: storable(group.name),
  extra: storableJson(group.extra),
});

const expectedMemberships = (key: Key, conversation: Conversation): ExpectedMembership[] => {
  const conversation_id = conversationId(conversation);
  return [...new Set(conversation.contactGroups)].map((contact_group_id) => ({
    user_id: key.user_id,
    sdk_app_id: key.sdk_app_id,
    contact_group_id,
    conversation_id,
  }));
};

const unexported = (key: Key, kind: Exclude<UserProfile, { name: 'ordinary' | 'empty' }>): ExpectedRow => ({
  table: 'unexported_users',
  row: { ...key, kind: kind.name, error_code: 'code' in kind ? kind.code : null },
});

/** The rows of one user: the content, then the row that says whether the user can be exported. */
export function* expectedUserRows(options: SimulatorOptions, index: number): Generator<ExpectedRow> {
  const key: Key = { user_id: userId(index, options.oddUserIds), sdk_app_id: options.sdkAppId };
  const kind = userProfile(options, index);
  if (kind.name !== 'ordinary' && kind.name !== 'empty') {
    yield unexported(key, kind);
    if (kind.name === 'unreadable') yield { table: 'odd_users', row: { ...key, why: kind.way } };
    return;
  }
  const { conversations, groups } = userContent(options, index);
  let memberships = 0;
  for (const conversation of conversations) {
    yield { table: 'conversations', row: expectedConversation(key, conversation) };
    for (const row of expectedMemberships(key, conversation)) {
      memberships++;
      yield { table: 'memberships', row };
    }
  }
  for (const group of groups) yield { table: 'contact_groups', row: expectedContactGroup(key, group) };
  const counts = { conversations: conversations.length, contact_groups: groups.length, memberships };
  yield { table: 'exported_users', row: { ...key, ...counts } };
  if (hasUnknownTypes(options, index, kind)) {
    yield { table: 'odd_users', row: { ...key, why: 'unknown_type' } };
  }
}

/** The expected export of the options' day, computed without pages, user by user. */
export async function* expectedRows(given: Partial<SimulatorOptions> = {}): AsyncGenerator<ExpectedRow> {
  const options = readOptions(given);
  for (let index = 0; index < options.users; index++) yield* expectedUserRows(options, index);
}
