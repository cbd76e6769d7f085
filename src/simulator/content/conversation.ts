import type { SimulatorOptions } from '../options/options.ts';
import type { ContactGroup } from './contact-group.ts';
import type { Prng } from './prng.ts';
import { userId } from './user-id.ts';

/** One conversation of a user. A missing field is also missing in the answer. */
export interface Conversation {
  /** 1 one-to-one, 2 group */
  type: 1 | 2;
  peer: string;
  /** Bits as text. The last character is bit 0. */
  standardMark?: string;
  customMark?: string | null;
  contactGroups?: string[];
  /** Unix seconds; 0 means none. */
  timestamp?: number;
  /** Fields that no version of the program knows. */
  extra?: Record<string, unknown>;
}

/** First second that a day's changes can have. Contents of day 1 are older. */
export const CHANGES_BEGIN = 1_700_000_000;
const CONTENTS_BEGIN = 1_600_000_000;

const CUSTOM_MARKS: readonly [string, ...string[]] = [
  'abcd',
  'a,b',
  'say "hi"',
  'line one\nline two',
  '标记',
  ' ',
  '{"k":1}',
  'NULL',
  '\\N',
  '0',
  'y'.repeat(256),
];
const ODD_MARKS: readonly [string, ...string[]] = ['=cmd()', '\\.', '\u0000', 'x\ud800', 'x\n\\.\n', '\r'];
const UNKNOWN_FIELDS: readonly [Record<string, unknown>, ...Record<string, unknown>[]] = [
  { Pinned: true },
  { Draft: 'not, "sent"\nyet' },
  { MsgTime: 1_670_000_000, Unread: 0 },
  { 新字段: { Depth: [1, null, 'x'] } },
  { Note: null },
  { Note: 'a\u0000b\ud800' },
];

/** StandardMark: text of 0 and 1 of any length up to 64, leading zeros included. */
export const throwStandardMark = (dice: Prng): string => {
  const bits = (length: number): string =>
    (dice.below(2 ** length) & dice.below(2 ** length)).toString(2).padStart(length, '0');
  return dice.chance(0.05) ? bits(30) + bits(30) + bits(4) : bits(1 + dice.below(9));
};

export const throwCustomMark = (dice: Prng, oddities: boolean): string => {
  if (oddities && dice.chance(0.1)) return dice.pick(ODD_MARKS);
  return dice.pick(CUSTOM_MARKS);
};

const throwPeer = (dice: Prng, type: 1 | 2, options: SimulatorOptions): string => {
  if (type === 1 || dice.chance(0.05)) return userId(dice.below(options.users + 100_000), options.oddUserIds);
  return `@TGS#${(0x1000000 + dice.below(0xfffffff)).toString(36).toUpperCase()}`;
};

const throwMemberships = (dice: Prng, groups: readonly ContactGroup[], oddities: boolean): string[] => {
  const ids: string[] = [];
  const count = dice.below(Math.min(groups.length, 4) + 1);
  for (let i = 0; i < count; i++) {
    const id = groups[dice.below(groups.length)]?.id;
    if (id !== undefined && (oddities || !ids.includes(id))) ids.push(id);
  }
  // A group that GroupItem never names.
  if (dice.chance(0.01)) ids.push(String(2_000_000_000 + dice.below(1000)));
  return ids;
};

/** The key that distinguishes a user's conversations. */
export const peerKey = (conversation: Conversation): string => `${conversation.type}${conversation.peer}`;

/** A conversation with a peer whose key is not in `taken` yet, and is added there. */
export const throwConversation = (
  dice: Prng,
  options: SimulatorOptions,
  others: readonly Conversation[],
  taken: Set<string>,
  groups: readonly ContactGroup[],
): Conversation => {
  const conversation: Conversation = { type: dice.chance(0.6) ? 1 : 2, peer: '' };
  const twin = dice.chance(0.03) ? others[dice.below(others.length)] : undefined;
  // The same peer ID as user and as group: only the prefix differs.
  if (twin) {
    conversation.type = twin.type === 1 ? 2 : 1;
    conversation.peer = twin.peer;
  }
  while (conversation.peer === '' || taken.has(peerKey(conversation))) {
    conversation.peer = throwPeer(dice, conversation.type, options);
  }
  taken.add(peerKey(conversation));
  if (dice.chance(0.85)) conversation.standardMark = throwStandardMark(dice);
  const custom = dice.next();
  if (custom < 0.3) conversation.customMark = throwCustomMark(dice, options.oddities);
  else if (custom < 0.4) conversation.customMark = '';
  else if (custom < 0.45) conversation.customMark = null;
  if (dice.chance(0.7)) conversation.contactGroups = throwMemberships(dice, groups, options.oddities);
  const time = dice.next();
  if (time < 0.9) conversation.timestamp = CONTENTS_BEGIN + dice.below(CHANGES_BEGIN - CONTENTS_BEGIN);
  else if (time < 0.95) conversation.timestamp = 0;
  if (options.oddities && dice.chance(0.1)) conversation.extra = dice.pick(UNKNOWN_FIELDS);
  return conversation;
};
