import type { ContactGroup } from '../../src/simulator/content/contact-group.ts';
import { throwContent } from '../../src/simulator/content/content.ts';
import type { Conversation } from '../../src/simulator/content/conversation.ts';
import { userId } from '../../src/simulator/content/user-id.ts';
import { wireContactGroup, wireConversation } from '../../src/simulator/content/wire.ts';
import { defaultOptions } from '../../src/simulator/options/options.ts';

/** The pages that are pulled: every user has as many, and every page is full. */
export type PagesOptions = {
  readonly users: number;
  readonly pagesPerUser: number;
  readonly itemsPerPage: number;
};

/** The user of that place in the list. */
export const userAt = (place: number): string => userId(place, 0);

/** A user's answers, in order: the simulator's own items, the groups on the first page, the next page's number as index. */
export function answersOf(place: number, { pagesPerUser, itemsPerPage }: PagesOptions): string[] {
  const { conversations, groups } = contentOf(place, pagesPerUser * itemsPerPage);
  return Array.from({ length: pagesPerUser }, (_, page) => {
    const isLast = page === pagesPerUser - 1;
    const items = conversations.slice(page * itemsPerPage, (page + 1) * itemsPerPage);
    return JSON.stringify({
      ContactItem: items.map((item) => wireConversation(item, null)),
      ...(page === 0 ? { GroupItem: groups.map((group) => wireContactGroup(group, null)) } : {}),
      CompleteFlag: isLast ? 1 : 0,
      NextStartIndex: isLast ? 0 : page + 1,
      ActionStatus: 'OK',
      ErrorCode: 0,
      ErrorInfo: '',
    });
  });
}

/** So many conversations: those of one simulated user, or, where these are too few, of the next ones, too. */
function contentOf(place: number, count: number): { conversations: Conversation[]; groups: ContactGroup[] } {
  const options = { ...defaultOptions, conversations: 2 * count, seed: place };
  const found = new Map<string, Conversation>();
  const groups: ContactGroup[] = [];
  for (let user = 0; found.size < count; user += 1) {
    const content = throwContent(options, user);
    if (groups.length === 0) groups.push(...content.groups);
    for (const conversation of content.conversations) {
      found.set(`${conversation.type}${conversation.peer}`, conversation);
    }
  }
  return { conversations: [...found.values()].slice(0, count), groups };
}
