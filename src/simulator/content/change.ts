import type { SimulatorOptions } from '../options/options.ts';
import { type ContactGroup, throwName } from './contact-group.ts';
import type { Content } from './content.ts';
import {
  CHANGES_BEGIN,
  type Conversation,
  peerKey,
  throwConversation,
  throwCustomMark,
  throwStandardMark,
} from './conversation.ts';
import type { Prng } from './prng.ts';

const DAY = 86_400;

/** Later than any time of an earlier day, so that a changed conversation always differs. */
const touchedOn = (day: number, dice: Prng): number => CHANGES_BEGIN + day * DAY + dice.below(DAY);

const add = (content: Content, dice: Prng, day: number, options: SimulatorOptions): Content => {
  const conversations = [...content.conversations];
  const taken = new Set(conversations.map(peerKey));
  const count = 1 + dice.below(3);
  for (let i = 0; i < count; i++) {
    const fresh = throwConversation(dice, options, conversations, taken, content.groups);
    conversations.splice(dice.below(conversations.length + 1), 0, {
      ...fresh,
      timestamp: touchedOn(day, dice),
    });
  }
  return { ...content, conversations };
};

const replaceOne = <T>(values: readonly T[], dice: Prng, replace: (value: T) => T): T[] => {
  const at = dice.below(values.length);
  return values.map((value, i) => (i === at ? replace(value) : value));
};

const remark = (conversation: Conversation, dice: Prng, day: number, oddities: boolean): Conversation => ({
  ...conversation,
  standardMark: throwStandardMark(dice),
  customMark: throwCustomMark(dice, oddities),
  timestamp: touchedOn(day, dice),
});

const regroup = (conversation: Conversation, dice: Prng, day: number, content: Content): Conversation => {
  const group = content.groups[dice.below(content.groups.length)];
  const before = conversation.contactGroups ?? [];
  const without = before.filter((id) => id !== group?.id);
  const moved = without.length < before.length || !group ? without : [...before, group.id];
  return { ...conversation, contactGroups: moved, timestamp: touchedOn(day, dice) };
};

const rename = (group: ContactGroup, dice: Prng, oddities: boolean): ContactGroup => {
  let name = group.name;
  while (name === group.name) name = throwName(dice, oddities);
  return { ...group, name };
};

/** The content after one more day with changes; never equal to the old one. */
export const changeContent = (
  content: Content,
  dice: Prng,
  day: number,
  options: SimulatorOptions,
): Content => {
  const { conversations, groups } = content;
  const what = dice.next();
  if (conversations.length > 0) {
    if (what < 0.02) return { ...content, conversations: [] };
    if (what < 0.25) {
      const gone = dice.below(conversations.length);
      return { ...content, conversations: conversations.filter((_, i) => i !== gone) };
    }
    if (what < 0.45) {
      const remarked = replaceOne(conversations, dice, (c) => remark(c, dice, day, options.oddities));
      return { ...content, conversations: remarked };
    }
    if (what < 0.6) {
      return {
        ...content,
        conversations: replaceOne(conversations, dice, (c) => regroup(c, dice, day, content)),
      };
    }
  }
  if (groups.length > 0) {
    if (what < 0.7)
      return { ...content, groups: replaceOne(groups, dice, (g) => rename(g, dice, options.oddities)) };
    // Its memberships may stay, and then name a group without a name.
    if (what < 0.75) return { ...content, groups: groups.slice(1) };
  }
  return add(content, dice, day, options);
};
