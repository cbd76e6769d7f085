import type { SimulatorOptions } from '../options/options.ts';
import type { Content } from './content.ts';
import { userContent } from './content-by-day.ts';
import { type Conversation, throwConversation } from './conversation.ts';
import { addStrangeItems } from './malformed-items.ts';
import { hash, Prng, Purpose } from './prng.ts';
import { pageAt, pageStartIndex } from './start-index.ts';
import type { UserProfile } from './user-profile.ts';
import { type WireObject, wireContactGroup, wireConversation, wireOrder } from './wire.ts';

const oddDice = (options: SimulatorOptions, user: number, page: number): Prng | null =>
  options.oddities ? new Prng(hash(options.seed, Purpose.wire, user, page)) : null;

/** A list; in odd answers, sometimes another form of an empty list. */
const putList = (answer: WireObject, field: string, list: WireObject[], odd: Prng | null): void => {
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

const groupItems = (content: Content, comesAgain: boolean, odd: Prng | null): WireObject[] => {
  const items = content.groups.map((group) => wireContactGroup(group, odd));
  const first = items[0];
  // A group that was renamed while its pages were read.
  if (odd && first && comesAgain && odd.chance(0.2)) first.GroupName = 'outdated';
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

/** A user's content, split into pages. */
interface Cut {
  content: Content;
  order: readonly Conversation[];
  /** The number of the last page. */
  last: number;
}

const cutPages = (options: SimulatorOptions, user: number): Cut => {
  const content = userContent(options, user);
  const odd = oddDice(options, user, -1);
  const order = wireOrder(content, odd);
  // Odd answers sometimes end in a page without conversations.
  const more = odd?.chance(0.1) ? 1 : 0;
  return { content, order, last: Math.max(Math.ceil(order.length / options.pageSize), 1) - 1 + more };
};

const pageOfCut = (
  options: SimulatorOptions,
  user: number,
  page: number,
  cut: Cut,
  kind: UserProfile,
): WireObject | null => {
  const { content, order, last } = cut;
  if (page > last) return null;
  const odd = oddDice(options, user, page);
  const from = page * options.pageSize;
  const items = order.slice(from, from + options.pageSize).map((c) => wireConversation(c, odd));
  const answer: WireObject = {};
  putList(answer, 'ContactItem', items, odd);
  if (carriesGroups(options, user, page, last)) {
    const comesAgain = page < last && carriesGroups(options, user, last, last);
    putList(answer, 'GroupItem', groupItems(content, comesAgain, odd), odd);
  }
  addStrangeItems(answer, options, user, kind, page, last);
  const next = page < last ? pageStartIndex(options.seed, user, page + 1) : 0;
  const flagless = kind.name === 'endless';
  return finish(answer, flagless ? null : page < last ? 0 : 1, next);
};

const pageWithoutEnd = (
  options: SimulatorOptions,
  user: number,
  page: number,
  stuck: boolean,
): WireObject => {
  const dice = new Prng(hash(options.seed, Purpose.endless, user, page));
  const conversations: Conversation[] = [];
  const taken = new Set<string>();
  while (conversations.length < options.pageSize) {
    conversations.push(throwConversation(dice, options, conversations, taken, []));
  }
  const answer: WireObject = { ContactItem: conversations.map((c) => wireConversation(c, null)) };
  const stuckAt = hash(options.seed, Purpose.endless, user) % 3;
  const next = stuck && page >= stuckAt ? page : page + 1;
  return finish(answer, 0, pageStartIndex(options.seed, user, next));
};

/** The most users whose pages are kept, because their next page follows soon. */
const MAX_KEPT = 1_000;

/** The OK answers for users with pages. */
export class Pages {
  readonly #options: SimulatorOptions;
  readonly #kept = new Map<number, Cut>();
  #day: number;

  constructor(options: SimulatorOptions) {
    this.#options = options;
    this.#day = options.day;
  }

  /** One answer, or null for a StartIndex that was never returned. */
  page(user: number, kind: UserProfile, startIndex: number): WireObject | null {
    const options = this.#options;
    const page = pageAt(options.seed, user, startIndex);
    if (kind.name === 'endless' && kind.way !== 'flagless') {
      return pageWithoutEnd(options, user, page, kind.way === 'stuck');
    }
    const cut = this.#cut(user);
    if (page === cut.last) this.#kept.delete(user);
    return pageOfCut(options, user, page, cut, kind);
  }

  #cut(user: number): Cut {
    if (this.#day !== this.#options.day) {
      this.#day = this.#options.day;
      this.#kept.clear();
    }
    const kept = this.#kept.get(user);
    if (kept) return kept;
    const cut = cutPages(this.#options, user);
    if (cut.last === 0) return cut;
    if (this.#kept.size >= MAX_KEPT) {
      const oldest = this.#kept.keys().next();
      if (!oldest.done) this.#kept.delete(oldest.value);
    }
    this.#kept.set(user, cut);
    return cut;
  }
}
