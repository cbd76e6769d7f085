import type { Content } from './content.ts';
import { contentOf } from './content.ts';
import { type Conversation, throwConversation } from './conversation.ts';
import { Dice, hash, Purpose } from './dice.ts';
import type { Kind } from './kind.ts';
import type { SimulatorOptions } from './options.ts';
import { pageAt, startIndexOf } from './start-index.ts';
import { type WireObject, wireContactGroup, wireConversation, wireOrder } from './wire.ts';

const oddDice = (options: SimulatorOptions, user: number, page: number): Dice | null =>
  options.oddities ? new Dice(hash(options.seed, Purpose.wire, user, page)) : null;

/** A list, or, where answers are odd, one of the other ways to say that it is empty. */
const putList = (answer: WireObject, field: string, list: WireObject[], odd: Dice | null): void => {
  const way = odd && list.length === 0 ? odd.below(3) : 0;
  if (way === 0) answer[field] = list;
  if (way === 1) answer[field] = null;
};

const carriesGroups = (options: SimulatorOptions, user: number, page: number, last: number): boolean => {
  const habit =
    options.groupItems === 'any'
      ? (['first', 'all', 'last'] as const)[hash(options.seed, Purpose.wire, user, -2) % 3]
      : options.groupItems;
  return habit === 'all' || (habit === 'first' ? page === 0 : page === last);
};

const groupItems = (content: Content, page: number, last: number, odd: Dice | null): WireObject[] => {
  const items = content.groups.map((group) => wireContactGroup(group, odd));
  const first = items[0];
  // A group renamed while its pages were read.
  if (odd && first && page < last && odd.chance(0.2)) first.GroupName = 'outdated';
  return items;
};

const finish = (answer: WireObject, complete: 0 | 1 | null, next: number): WireObject => {
  if (complete !== null) answer.CompleteFlag = complete;
  answer.NextStartIndex = next;
  answer.ActionStatus = 'OK';
  answer.ErrorCode = 0;
  answer.ErrorInfo = '';
  return answer;
};

const pageOfContent = (
  options: SimulatorOptions,
  user: number,
  page: number,
  flagless: boolean,
): WireObject | null => {
  const content = contentOf(options, user);
  const orderDice = oddDice(options, user, -1);
  const order = wireOrder(content, orderDice);
  // Odd answers sometimes end in a page without conversations.
  const more = orderDice?.chance(0.1) ? 1 : 0;
  const last = Math.max(Math.ceil(order.length / options.pageSize), 1) - 1 + more;
  if (page > last) return null;
  const odd = oddDice(options, user, page);
  const from = page * options.pageSize;
  const items = order.slice(from, from + options.pageSize).map((c) => wireConversation(c, odd));
  const answer: WireObject = {};
  putList(answer, 'ContactItem', items, odd);
  if (carriesGroups(options, user, page, last)) {
    putList(answer, 'GroupItem', groupItems(content, page, last, odd), odd);
  }
  const next = page < last ? startIndexOf(options.seed, user, page + 1) : 0;
  return finish(answer, flagless ? null : page < last ? 0 : 1, next);
};

const pageWithoutEnd = (
  options: SimulatorOptions,
  user: number,
  page: number,
  stuck: boolean,
): WireObject => {
  const dice = new Dice(hash(options.seed, Purpose.endless, user, page));
  const conversations: Conversation[] = [];
  while (conversations.length < options.pageSize) {
    conversations.push(throwConversation(dice, options, conversations, []));
  }
  const answer: WireObject = { ContactItem: conversations.map((c) => wireConversation(c, null)) };
  const stuckAt = hash(options.seed, Purpose.endless, user) % 3;
  const next = stuck && page >= stuckAt ? page : page + 1;
  return finish(answer, 0, startIndexOf(options.seed, user, next));
};

/** One OK answer for a user who has pages, or null when StartIndex was never given out. */
export const pageOf = (
  options: SimulatorOptions,
  user: number,
  kind: Kind,
  startIndex: number,
): WireObject | null => {
  const page = pageAt(options.seed, user, startIndex);
  if (kind.name === 'endless' && kind.way !== 'flagless') {
    return pageWithoutEnd(options, user, page, kind.way === 'stuck');
  }
  return pageOfContent(options, user, page, kind.name === 'endless');
};
