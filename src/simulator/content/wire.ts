import type { ContactGroup } from './contact-group.ts';
import type { Content } from './content.ts';
import type { Conversation } from './conversation.ts';
import type { Prng } from './prng.ts';

/** A JSON object of an answer. */
export type WireObject = Record<string, unknown>;

/** A number; in odd answers, sometimes the same as text. */
const numeral = (value: number, odd: Prng | null): number | string =>
  odd?.chance(0.2) ? String(value) : value;

const MAX_EXACT_DIGITS = 15;

/** An ID as a number if every reader reads it exactly, otherwise as text; in odd answers, sometimes as text anyway. */
const wireId = (id: string, odd: Prng | null): number | string =>
  id.length > MAX_EXACT_DIGITS ? id : numeral(Number(id), odd);

/** A conversation in the field order of the vendor's sample. */
export const wireConversation = (conversation: Conversation, odd: Prng | null): WireObject => {
  const item: WireObject = { Type: numeral(conversation.type, odd) };
  item[conversation.type === 1 ? 'To_Account' : 'ToGroupId'] = conversation.peer;
  if (conversation.standardMark !== undefined) item.StandardMark = conversation.standardMark;
  else if (odd?.chance(0.3)) item.StandardMark = null;
  if (conversation.customMark !== undefined) item.CustomMark = conversation.customMark;
  const ids = conversation.contactGroups;
  if (ids !== undefined) item.ContactGroupId = ids.map((id) => wireId(id, odd));
  if (odd && (ids === undefined || ids.length === 0) && odd.chance(0.5)) item.ContactGroupId = null;
  if (conversation.timestamp !== undefined) item.Timestamp = numeral(conversation.timestamp, odd);
  else if (odd?.chance(0.3)) item.Timestamp = null;
  return conversation.extra ? Object.assign(item, conversation.extra) : item;
};

/** A contact group in the field order of the vendor's sample. */
export const wireContactGroup = (group: ContactGroup, odd: Prng | null): WireObject => ({
  GroupName: group.name,
  GroupId: wireId(group.id, odd),
  ...group.extra,
});

/** An outdated form of a conversation on an earlier page. */
const outdated = (conversation: Conversation): Conversation => ({
  type: conversation.type,
  peer: conversation.peer,
  standardMark: '1111',
  customMark: 'outdated',
  contactGroups: [...(conversation.contactGroups ?? []), '1999999999'],
  timestamp: 1,
});

/**
 * The conversations in the order of the pages. Odd answers repeat some, like lists that shift while they are read: unchanged at
 * any place, or in an outdated form before the valid one.
 */
export const wireOrder = (content: Content, odd: Prng | null): readonly Conversation[] => {
  const { conversations } = content;
  if (!odd) return conversations;
  const placed: { at: number; conversation: Conversation }[] = [];
  conversations.forEach((conversation, i) => {
    if (odd.chance(0.05)) placed.push({ at: i * odd.next(), conversation: outdated(conversation) });
    placed.push({ at: i, conversation });
    if (odd.chance(0.05)) placed.push({ at: odd.next() * conversations.length, conversation });
  });
  return placed.sort((a, b) => a.at - b.at).map(({ conversation }) => conversation);
};
