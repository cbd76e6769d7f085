import { NumberText } from './json-text.ts';
import type { WireObject } from './wire.ts';

/** The defect of a page: an item among its others, or a value in place of a list. */
type Damage = { readonly list: 'ContactItem' | 'GroupItem' } & (
  | { readonly item: unknown }
  | { readonly instead: unknown }
);

const withoutPeer = { Type: 1, StandardMark: '1', Timestamp: 1_670_843_110 };
const conversation = { ...withoutPeer, To_Account: 'damaged' };
const contactGroup = { GroupName: 'damaged', GroupId: 1_999_999_998 };
/** The first whole number beyond 64 bits. */
const beyond64Bits = new NumberText('9223372036854775808');

const contactItem = (fields: WireObject): Damage => ({
  list: 'ContactItem',
  item: { ...conversation, ...fields },
});
const groupItem = (fields: WireObject): Damage => ({
  list: 'GroupItem',
  item: { ...contactGroup, ...fields },
});

const damages = {
  contact_item_is_null: { list: 'ContactItem', item: null },
  contact_item_is_text: { list: 'ContactItem', item: 'damaged' },
  contact_items_are_no_list: { list: 'ContactItem', instead: conversation },
  peer_absent: { list: 'ContactItem', item: withoutPeer },
  peer_null: contactItem({ To_Account: null }),
  peer_empty: contactItem({ To_Account: '' }),
  peer_with_half_a_character: contactItem({ To_Account: 'damaged\ud800' }),
  peer_with_zero: contactItem({ To_Account: 'damaged\0' }),
  peer_in_the_other_field: { list: 'ContactItem', item: { ...withoutPeer, Type: 2, To_Account: 'damaged' } },
  peer_is_number: contactItem({ To_Account: 42 }),
  timestamp_beyond_64_bits: contactItem({ Timestamp: beyond64Bits }),
  timestamp_in_milliseconds: contactItem({ Timestamp: 1_670_843_110_000 }),
  timestamp_in_2101: contactItem({ Timestamp: 4_133_980_800 }),
  timestamp_before_1970: contactItem({ Timestamp: '-1' }),
  timestamp_with_fraction: contactItem({ Timestamp: 1_670_843_110.5 }),
  timestamp_is_date: contactItem({ Timestamp: '2022-12-12 11:05:10' }),
  standard_mark_is_number: contactItem({ StandardMark: 111_001 }),
  standard_mark_with_2: contactItem({ StandardMark: '0120' }),
  custom_mark_is_object: contactItem({ CustomMark: { k: 1 } }),
  contact_group_id_is_no_list: contactItem({ ContactGroupId: 1 }),
  contact_group_id_is_number_beyond_64_bits: contactItem({ ContactGroupId: [1, beyond64Bits] }),
  contact_group_id_beyond_64_bits: contactItem({ ContactGroupId: ['9223372036854775808'] }),
  contact_group_id_is_null: contactItem({ ContactGroupId: [null] }),
  group_item_is_null: { list: 'GroupItem', item: null },
  group_id_absent: { list: 'GroupItem', item: { GroupName: 'damaged' } },
  group_id_beyond_64_bits: groupItem({ GroupId: beyond64Bits }),
  group_id_is_word: groupItem({ GroupId: 'first' }),
  group_name_null: groupItem({ GroupName: null }),
  group_name_is_number: groupItem({ GroupName: 7 }),
} as const satisfies Readonly<Record<string, Damage>>;

/** The kinds of invalid pages. */
export type Unreadable = keyof typeof damages;

export const unreadableWays = Object.keys(damages) as readonly Unreadable[];

export const damageBy = (way: Unreadable): Damage => damages[way];
