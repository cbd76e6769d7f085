import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentHash } from '../../src/rows/content-hash.ts';
import { rowsOf, soundGroup, soundItem } from './pages.ts';

const idOf = (item: { Type: unknown; To_Account: string; ToGroupId: string }): string =>
  Number(item.Type) === 1 ? `c2c_${item.To_Account}` : `group_${item.ToGroupId}`;
const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

const page = fc.record({
  contactItems: fc.uniqueArray(soundItem, { selector: (item) => storable(idOf(item)), maxLength: 8 }),
  groupItems: fc.uniqueArray(soundGroup, { selector: (group) => group.GroupId }),
});

const hashOf = (given: { contactItems: unknown[]; groupItems: unknown[] }): string =>
  contentHash(rowsOf([given])).toString('hex');

const shuffled = <T>(all: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...all], { minLength: all.length });

test('the hash does not depend on the order of items, of their groups or of their fields, nor on the cut into pages', () => {
  fc.assert(
    fc.property(
      page.chain((given) =>
        fc.record({
          given: fc.constant(given),
          items: shuffled(given.contactItems),
          groups: shuffled(given.groupItems),
          cut: fc.nat(given.contactItems.length),
        }),
      ),
      ({ given, items, groups, cut }) => {
        const turned = items.map((item) => Object.fromEntries(Object.entries(item).reverse()));
        const pages = [
          { contactItems: turned.slice(0, cut) },
          { contactItems: turned.slice(cut), groupItems: groups },
        ];
        expect(contentHash(rowsOf(pages)).toString('hex')).toBe(hashOf(given));
      },
    ),
  );
});

test('the same pages give the same rows and the same hash', () => {
  fc.assert(
    fc.property(page, (given) => {
      const again = JSON.parse(JSON.stringify(given)) as typeof given;
      expect(rowsOf([again])).toEqual(rowsOf([given]));
      expect(hashOf(again)).toBe(hashOf(given));
    }),
  );
});

const base = {
  contactItems: [
    {
      Type: 1,
      To_Account: 'a',
      StandardMark: '1',
      CustomMark: '',
      ContactGroupId: [1],
      Timestamp: 5,
      Later: [1],
    },
    { Type: 2, ToGroupId: 'b' },
  ],
  groupItems: [
    { GroupId: 1, GroupName: 'g', Later: 1 },
    { GroupId: 2, GroupName: 'h' },
  ],
};
type Base = typeof base;

test.each<[string, (given: Base) => object | undefined]>([
  ['the peer', ({ contactItems: [one] }) => Object.assign(one ?? {}, { To_Account: 'c' })],
  ['the type', ({ contactItems: [one] }) => Object.assign(one ?? {}, { Type: 2, ToGroupId: 'a' })],
  ['a mark', ({ contactItems: [one] }) => Object.assign(one ?? {}, { StandardMark: '0' })],
  ['a leading zero', ({ contactItems: [one] }) => Object.assign(one ?? {}, { StandardMark: '01' })],
  ['no mark', ({ contactItems: [one] }) => Object.assign(one ?? {}, { StandardMark: null })],
  ['no custom mark', ({ contactItems: [one] }) => Object.assign(one ?? {}, { CustomMark: null })],
  ['the custom mark', ({ contactItems: [one] }) => Object.assign(one ?? {}, { CustomMark: 'x' })],
  ['one group more', ({ contactItems: [one] }) => Object.assign(one ?? {}, { ContactGroupId: [1, 2] })],
  ['another group', ({ contactItems: [one] }) => Object.assign(one ?? {}, { ContactGroupId: [2] })],
  ['the instant', ({ contactItems: [one] }) => Object.assign(one ?? {}, { Timestamp: 6 })],
  ['an unknown field', ({ contactItems: [one] }) => Object.assign(one ?? {}, { Later: [1, 1] })],
  ["a group's name", ({ groupItems: [one] }) => Object.assign(one ?? {}, { GroupName: 'G' })],
  ["a group's ID", ({ groupItems: [, two] }) => Object.assign(two ?? {}, { GroupId: 3 })],
  ["a group's unknown field", ({ groupItems: [one] }) => Object.assign(one ?? {}, { Later: null })],
  ['one item less', ({ contactItems }) => contactItems.splice(1)],
  ['one group less', ({ groupItems }) => groupItems.splice(1)],
])('the hash changes with %s', (_, change) => {
  const changed = structuredClone(base);
  change(changed);
  expect(hashOf(changed)).not.toBe(hashOf(base));
});

test('the hash distinguishes contents that differ only in where a text ends', () => {
  const of = (...peers: string[]) => ({
    contactItems: peers.map((peer) => ({ Type: 1, To_Account: peer })),
    groupItems: [],
  });
  const contents = [of('a', 'b'), of('a","b'), of('a,b'), of('ab'), of()];
  expect(new Set(contents.map(hashOf)).size).toBe(contents.length);
});

test('the hash does not say whose rows they are', () => {
  const rows = rowsOf([base]);
  expect(contentHash({ ...rows, userId: 'other' })).toEqual(contentHash(rows));
  expect(contentHash(rows)).toHaveLength(16);
});
