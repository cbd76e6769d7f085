import type { Page } from '../../../chat-api/answer.ts';
import { type NormalizeOptions, normalize, normalizePages, type UserRows } from '../../../rows/normalize.ts';
import type { ContactGroupPage } from '../../../rows/page.ts';
import type { ContactGroupRow } from '../../../rows/tables.ts';
import { StoredPage } from './user-pages.ts';

const MAX_ITEMS = 2_000;

/**
 * A user's rows: all at once when the pages are in memory, otherwise slice by slice, so that the rows of many pages are never in
 * memory together. No row is in two slices. Together they are what `normalize` returns for all pages.
 * @throws {InvalidPage} as `normalize` does, when a slice is read
 */
export function userSlices(
  userId: string,
  pages: readonly Page[],
  options: NormalizeOptions,
): Iterable<UserRows> {
  const isStored = pages.some((page) => page instanceof StoredPage);
  return isStored ? sliceBySlice(userId, pages, options) : [normalize(userId, pages, options)];
}

/** From the last page to the first: of a repeated item, the later one counts. */
function* sliceBySlice(
  userId: string,
  pages: readonly Page[],
  options: NormalizeOptions,
): Generator<UserRows> {
  const conversations = new Set<string>();
  const groups = new Map<ContactGroupRow['contact_group_id'], ContactGroupRow>();
  const memberships = new Map<ContactGroupRow['contact_group_id'], number>();
  // Counted here, because rows can be without `extra`.
  let groupsWithUnknownFields = 0;
  for (const some of fromTheLast(pages)) {
    const { rows, withUnknownFields } = normalizePages(userId, some, options);
    const isNew = (row: { readonly conversation_id: string }): boolean =>
      !conversations.has(row.conversation_id);
    const slice = {
      userId,
      conversations: rows.conversations.filter(isNew),
      contactGroups: [],
      memberships: rows.memberships.filter(isNew),
    };
    for (const row of rows.contactGroups) {
      if (groups.has(row.contact_group_id)) continue;
      groups.set(row.contact_group_id, row);
      if (withUnknownFields.has(String(row.contact_group_id))) groupsWithUnknownFields += 1;
    }
    for (const row of slice.conversations) conversations.add(row.conversation_id);
    for (const { contact_group_id: id } of slice.memberships)
      memberships.set(id, (memberships.get(id) ?? 0) + 1);
    const { skippedItems, replacedTexts } = rows.oddities;
    yield {
      ...slice,
      oddities: {
        skippedItems,
        replacedTexts,
        unknownFields: slice.conversations.filter((row) => withUnknownFields.has(row.conversation_id)).length,
        unnamedGroups: 0,
      },
    };
  }
  const contactGroups = [...groups.values()];
  let unnamedGroups = 0;
  for (const [id, count] of memberships) if (!groups.has(id)) unnamedGroups += count;
  yield {
    userId,
    conversations: [],
    contactGroups,
    memberships: [],
    oddities: {
      unnamedGroups,
      skippedItems: 0,
      replacedTexts: 0,
      unknownFields: groupsWithUnknownFields,
    },
  };
}

/** The pages of each slice, in their order. */
function* fromTheLast(pages: readonly Page[]): Generator<readonly ContactGroupPage[]> {
  let some: ContactGroupPage[] = [];
  let items = 0;
  for (const page of pages.toReversed()) {
    const read = page instanceof StoredPage ? page.read() : page;
    some.unshift(read);
    items += read.contactItems.length;
    if (items < MAX_ITEMS) continue;
    yield some;
    some = [];
    items = 0;
  }
  if (some.length > 0) yield some;
}
