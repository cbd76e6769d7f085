import { changeContent } from './change.ts';
import { type ContactGroup, throwContactGroups } from './contact-group.ts';
import { type Conversation, throwConversation } from './conversation.ts';
import { Dice, fraction, hash, Purpose } from './dice.ts';
import { kindOf } from './kind.ts';
import type { SimulatorOptions } from './options.ts';

/** All that a user keeps: the truth behind the pages. */
export interface Content {
  conversations: readonly Conversation[];
  groups: readonly ContactGroup[];
}

const NOTHING: Content = { conversations: [], groups: [] };

/** Half of the users have less than an eighth of the most. */
const throwContent = (options: SimulatorOptions, index: number): Content => {
  const dice = new Dice(hash(options.seed, Purpose.content, index));
  const count = Math.floor((options.conversations + 1) * dice.next() ** 3);
  const groups = throwContactGroups(dice, options.oddities);
  const conversations: Conversation[] = [];
  const taken = new Set<string>();
  while (conversations.length < count) {
    conversations.push(throwConversation(dice, options, conversations, taken, groups));
  }
  return { conversations, groups };
};

/** Whether the user's content on this night differs from the night before. */
export const changesOn = (options: SimulatorOptions, index: number, night: number): boolean =>
  night > 1 && fraction(options.seed, Purpose.change, index, night) < options.changed;

/** What an ordinary or empty user keeps on the options' night. */
export const contentOf = (options: SimulatorOptions, index: number): Content => {
  if (kindOf(options, index).name === 'empty') return NOTHING;
  let content = throwContent(options, index);
  for (let night = 2; night <= options.night; night++) {
    if (changesOn(options, index, night)) {
      const dice = new Dice(hash(options.seed, Purpose.change, index, -night));
      content = changeContent(content, dice, night, options);
    }
  }
  return content;
};
