import type { SimulatorOptions } from '../options/options.ts';
import { type ContactGroup, throwContactGroups } from './contact-group.ts';
import { type Conversation, throwConversation } from './conversation.ts';
import { hash, Prng, Purpose } from './prng.ts';

/** Everything a user keeps: the content behind the pages. */
export interface Content {
  conversations: readonly Conversation[];
  groups: readonly ContactGroup[];
}

export const NOTHING: Content = { conversations: [], groups: [] };

/** The content of a user on the first day. Half of the users have less than an eighth of the largest number. */
export const throwContent = (options: SimulatorOptions, index: number): Content => {
  const dice = new Prng(hash(options.seed, Purpose.content, index));
  const count = Math.floor((options.conversations + 1) * dice.next() ** 3);
  const groups = throwContactGroups(dice, options.oddities);
  const conversations: Conversation[] = [];
  const taken = new Set<string>();
  while (conversations.length < count) {
    conversations.push(throwConversation(dice, options, conversations, taken, groups));
  }
  return { conversations, groups };
};
