import type { SimulatorOptions } from '../options/options.ts';
import { fraction, hash, Prng, Purpose } from './prng.ts';
import { damageBy } from './unreadable.ts';
import type { UserProfile } from './user-profile.ts';
import type { WireObject } from './wire.ts';

const MAX_UNKNOWN = 3;

/** Items of a Type that the vendor's page does not document. Their other fields are of no use. */
const unknownItems: readonly [WireObject, ...WireObject[]] = [
  { Type: 3, To_Channel: 'news', Timestamp: 1_670_843_110 },
  { Type: '3', To_Account: 'user0000001', StandardMark: '1111', ContactGroupId: [1] },
  { Type: 0, To_Account: 'user0000001', Timestamp: 1_670_843_110 },
  { Type: '12', ToGroupId: '@TGS#1', CustomMark: 'unknown' },
  { Type: -1, ToGroupId: '@TGS#1', StandardMark: 7, Timestamp: 'yesterday' },
  { Type: 4_294_967_297 },
];

/** An item of an unknown Type. If there are other items, it often repeats one of them with another Type and mark. */
const throwUnknown = (dice: Prng, others: unknown): WireObject => {
  const unknown = dice.pick(unknownItems);
  if (!Array.isArray(others) || others.length === 0 || dice.chance(0.5)) return unknown;
  const other: WireObject = others[dice.below(others.length)];
  return { ...other, Type: unknown.Type, CustomMark: 'unknown' };
};

/** Whether a user of this kind has items of unknown Types. */
export const hasUnknownTypes = (options: SimulatorOptions, user: number, kind: UserProfile): boolean =>
  kind.name === 'ordinary' && fraction(options.seed, Purpose.unknownTypes, user) < options.unknownTypes;

/** Adds invalid items to one of a user's pages, for users who have them. */
export const addStrangeItems = (
  answer: WireObject,
  options: SimulatorOptions,
  user: number,
  kind: UserProfile,
  page: number,
  last: number,
): void => {
  const unreadable = kind.name === 'unreadable' ? damageBy(kind.way) : null;
  if (unreadable === null && !hasUnknownTypes(options, user, kind)) return;
  const dice = new Prng(hash(options.seed, Purpose.strangeItem, user));
  if (dice.below(last + 1) !== page) return;
  const add = (list: string, item: unknown): void => {
    const items = [...((answer[list] ?? []) as unknown[])];
    items.splice(dice.below(items.length + 1), 0, item);
    answer[list] = items;
  };
  if (unreadable === null) {
    const count = 1 + dice.below(MAX_UNKNOWN);
    for (let i = 0; i < count; i++) add('ContactItem', throwUnknown(dice, answer.ContactItem));
  } else if ('item' in unreadable) add(unreadable.list, unreadable.item);
  else answer[unreadable.list] = unreadable.instead;
};
