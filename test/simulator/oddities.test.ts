import { beforeAll, expect, test } from 'vitest';
import { userId } from '../../src/simulator/content/user-id.ts';
import { readOptions } from '../../src/simulator/options/read-options.ts';
import { type Page, withSimulator } from './calling.ts';

const options = readOptions({ users: 600, rate: 1_000_000, conversations: 60, oddUserIds: 0.2 });

/** All pages of each user. */
const everyPage = async (oddities: boolean): Promise<Page[][]> => {
  await using caller = await withSimulator({ ...options, oddities });
  const users = Array.from({ length: options.users }, (_, index) => userId(index, options.oddUserIds));
  return await Promise.all(users.map((user) => caller.pages(user)));
};

let odd: Page[][];
let plain: Page[][];
beforeAll(async () => {
  [odd, plain] = [await everyPage(true), await everyPage(false)];
});

const items = (pages: readonly Page[]) => pages.flatMap(({ ContactItem }) => ContactItem ?? []);
const groups = (pages: readonly Page[]) => pages.flatMap(({ GroupItem }) => GroupItem ?? []);
const peer = (item: Record<string, unknown>) => `${item.Type} ${item.To_Account ?? item.ToGroupId}`;
const ids = (item: Record<string, unknown>) => (item.ContactGroupId ?? []) as unknown[];
const repeated = (values: readonly unknown[]): boolean => new Set(values).size < values.length;
const named = (name: RegExp) => (pages: readonly Page[]) =>
  groups(pages).some(({ GroupName }) => name.test(String(GroupName)));
const marked = (mark: RegExp) => (pages: readonly Page[]) =>
  items(pages).some(({ CustomMark }) => mark.test(String(CustomMark)));
const someItem = (is: (item: Record<string, unknown>) => boolean) => (pages: readonly Page[]) =>
  items(pages).some(is);
const someList = (list: 'ContactItem' | 'GroupItem', is: (value: unknown, page: Page) => boolean) => {
  return (pages: readonly Page[]) => pages.some((page) => is(page[list], page));
};
const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;

type Sign = (pages: readonly Page[]) => boolean;

test.for<[what: string, sign: Sign]>([
  ['ContactItem that is absent', someList('ContactItem', (list) => list === undefined)],
  ['ContactItem that is null', someList('ContactItem', (list) => list === null)],
  ['GroupItem that is null', someList('GroupItem', (list) => list === null)],
  ['ContactGroupId that is null', someItem((item) => item.ContactGroupId === null)],
  ['StandardMark that is null', someItem((item) => item.StandardMark === null)],
  ['Timestamp that is null', someItem((item) => item.Timestamp === null)],
  ['Type as text', someItem((item) => typeof item.Type === 'string')],
  ['Timestamp as text', someItem((item) => typeof item.Timestamp === 'string')],
  ['ContactGroupId as text', someItem((item) => ids(item).some((id) => typeof id === 'string'))],
  ['a ContactGroupId twice in an item', someItem((item) => repeated(ids(item).map(String)))],
  ['GroupId as text', (pages) => groups(pages).some(({ GroupId }) => typeof GroupId === 'string')],
  ['the largest ID of 64 bits', (pages) => groups(pages).some((g) => g.GroupId === '9223372036854775807')],
  [
    'two IDs that are one and the same to a reader with doubles',
    (pages) => {
      const exact = new Set(groups(pages).map(({ GroupId }) => String(GroupId)));
      return new Set([...exact].map(Number)).size < exact.size;
    },
  ],
  ['a conversation twice', (pages) => repeated(items(pages).map(peer))],
  [
    'a conversation in an outdated form first',
    (pages) => {
      const all = items(pages);
      return all.some((one, i) => {
        const later = all.slice(i + 1).find((other) => peer(other) === peer(one));
        return one.CustomMark === 'outdated' && later?.CustomMark !== 'outdated' && later !== undefined;
      });
    },
  ],
  ['a group that is renamed between two pages', named(/^outdated$/)],
  ['a last page without conversations', (pages) => pages.length > 1 && items(pages.slice(-1)).length === 0],
  ['a name with a leading =', named(/^=/)],
  ['a name that is \\.', named(/^\\\.$/)],
  ['a name with a line that is \\.', named(/\n\\\.\n/)],
  ['a name with U+0000', named(/\0/)],
  ['a name with a lone surrogate', named(/\p{Surrogate}/u)],
  ['a name with a byte order mark', named(/^\ufeff/)],
  ['a mark with a leading =', marked(/^=/)],
  ['a mark with U+0000', marked(/\0/)],
  ['a mark with a lone surrogate', marked(/\p{Surrogate}/u)],
  ['fields of an item that nobody knows', someItem((item) => 'Draft' in item || '新字段' in item)],
  ['fields of a group that nobody knows', (pages) => groups(pages).some((group) => 'Color' in group)],
])('with oddities there is %s, and without them there is none', ([, sign]) => {
  expect(odd.filter(sign).length).toBeGreaterThan(0);
  expect(plain.filter(sign)).toEqual([]);
});

test.for<[what: string, sign: Sign]>([
  ['an empty ContactItem', someList('ContactItem', isEmpty)],
  ['an empty GroupItem', someList('GroupItem', isEmpty)],
  ['no GroupItem', someList('GroupItem', (list) => list === undefined)],
  ['GroupItem on the first of several pages', (pages) => pages.length > 1 && pages[0]?.GroupItem != null],
  ['GroupItem on the last page alone', (pages) => pages.length > 1 && pages[0]?.GroupItem === undefined],
  ['a name with a comma and quotes', named(/, "/)],
  ['a name of two lines', named(/\n/)],
  ['a name with an emoji', named(/😀/)],
  ['a name in white space', named(/^ .* $/)],
  ['a mark that is empty', someItem((item) => item.CustomMark === '')],
  ['a mark that is null', someItem((item) => item.CustomMark === null)],
  ['a Timestamp that is 0', someItem((item) => item.Timestamp === 0)],
  ['a StandardMark of 64 bits', someItem((item) => String(item.StandardMark).length === 64)],
  ['a StandardMark with leading zeros', someItem((item) => /^0+1/.test(String(item.StandardMark)))],
  ['an item without ContactGroupId', someItem((item) => !('ContactGroupId' in item))],
  [
    'an ID of a group that is never named',
    (pages) => {
      const known = new Set(groups(pages).map(({ GroupId }) => String(GroupId)));
      return items(pages).some((item) => ids(item).some((id) => !known.has(String(id))));
    },
  ],
])('even without oddities there is %s', ([, sign]) => {
  expect(plain.filter(sign).length).toBeGreaterThan(0);
});
