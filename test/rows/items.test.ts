import { describe, expect, test } from 'vitest';
import { InvalidPage } from '../../src/rows/page.ts';
import { conversationOf, rowsOf, rowsOfItems } from './pages.ts';

const item = (peer: string, more: Record<string, unknown> = {}) => ({ Type: 1, To_Account: peer, ...more });
const group = (id: number, name = `g${id}`) => ({ GroupId: id, GroupName: name });

test.each([[1], ['1']])('Type %j is a one-to-one conversation', (type) => {
  expect(conversationOf({ Type: type })).toMatchObject({
    conversation_id: 'c2c_peer',
    conversation_type: 'c2c',
    peer_id: 'peer',
  });
});

test.each([[2], ['2']])('Type %j is a group conversation', (type) => {
  const [row] = rowsOfItems({ Type: type, ToGroupId: '@g' }).conversations;
  expect(row).toMatchObject({ conversation_id: 'group_@g', conversation_type: 'group', peer_id: '@g' });
});

test('a one-to-one conversation and a group of the same name are two rows', () => {
  const rows = rowsOfItems(item('x'), { Type: 2, ToGroupId: 'x' });
  expect(rows.conversations.map((row) => row.conversation_id)).toEqual(['c2c_x', 'group_x']);
});

describe('an item of unknown Type', () => {
  const unknown = [3, '3', 0, 1.5, '01', true, null, undefined, [], {}, 'c2c'];

  test.each(unknown)('%j is refused', (type) => {
    expect(() => rowsOfItems(item('x', { Type: type }))).toThrow(InvalidPage);
  });

  test('is left out and counted on request', () => {
    const items = unknown.map((type) => item('x', { Type: type, StandardMark: 'damaged' }));
    const rows = rowsOf([{ contactItems: [...items, item('y')] }], { unknownItems: 'skip' });
    expect(rows.conversations.map((row) => row.peer_id)).toEqual(['y']);
    expect(rows.oddities.skippedItems).toBe(unknown.length);
  });
});

test.each([
  [{ Type: 1 }],
  [{ Type: 1, To_Account: '' }],
  [{ Type: 1, To_Account: null }],
  [{ Type: 1, To_Account: 5 }],
  [{ Type: 1, ToGroupId: '@g' }],
  [{ Type: 2, To_Account: 'x' }],
  [{ Type: 2, ToGroupId: '' }],
  ['x'],
  [null],
  [[]],
])('an item without its peer, %j, is refused, be unknown items skipped or not', (broken) => {
  for (const unknownItems of ['fail', 'skip'] as const) {
    expect(() => rowsOf([{ contactItems: [item('y'), broken] }], { unknownItems })).toThrow(InvalidPage);
  }
});

test.each([[undefined], [null], [[]]])('ContactGroupId %j is not a membership', (ids) => {
  expect(rowsOfItems(item('x', { ContactGroupId: ids })).memberships).toEqual([]);
});

test.each([[5], ['1'], [{}], [{ length: 0 }], [[null]], [[[1]]]])('ContactGroupId %j is refused', (ids) => {
  expect(() => rowsOfItems(item('x', { ContactGroupId: ids }))).toThrow(InvalidPage);
});

test.each([[{ GroupId: 1 }], [{ GroupId: 1, GroupName: 5 }], [{ GroupName: 'g' }], [null], [[]], ['g']])(
  'GroupItem %j is refused',
  (broken) => {
    expect(() => rowsOf([{ groupItems: [broken] }])).toThrow(InvalidPage);
  },
);

test('an empty user has no rows', () => {
  expect(rowsOf([{}])).toMatchObject({ conversations: [], contactGroups: [], memberships: [] });
});

test('of an item repeated across pages the later one wins, with its groups', () => {
  const rows = rowsOf([
    { contactItems: [item('x', { ContactGroupId: [1, 2], CustomMark: 'old', Extra: 1 }), item('y')] },
    { contactItems: [item('x', { ContactGroupId: [3] })] },
  ]);
  expect(rows.conversations.map((row) => [row.peer_id, row.custom_mark, row.extra])).toEqual([
    ['x', null, null],
    ['y', null, null],
  ]);
  expect(rows.memberships.map((row) => row.contact_group_id)).toEqual(['3']);
  expect(rows.oddities).toMatchObject({ unnamedGroups: 1, unknownFields: 0 });
});

test('a group may be named on any page, and is named by the later one', () => {
  const rows = rowsOf([
    { contactItems: [item('x', { ContactGroupId: [1, 2] })], groupItems: [group(2, 'old')] },
    { groupItems: [group(1)] },
    { groupItems: [group(2, 'new')] },
  ]);
  expect(rows.contactGroups.map((row) => row.contact_group_name).sort()).toEqual(['g1', 'new']);
  expect(rows.oddities.unnamedGroups).toBe(0);
});

test('a membership of a group that nothing names stays, and is counted', () => {
  const rows = rowsOf([
    { contactItems: [item('x', { ContactGroupId: [1, 9] }), item('y', { ContactGroupId: [9] })] },
    { groupItems: [group(1)] },
  ]);
  expect(rows.memberships).toHaveLength(3);
  expect(rows.contactGroups).toHaveLength(1);
  expect(rows.oddities.unnamedGroups).toBe(2);
});

test('an ID that no index could hold is refused', () => {
  expect(rowsOfItems(item('x'.repeat(512))).conversations).toHaveLength(1);
  expect(() => rowsOfItems(item('é'.repeat(257)))).toThrow(/To_Account has over 512 bytes/);
});
