import { nearest } from '../json/exact-number.ts';
import { readTimestamp } from './instant.ts';
import { asItem, type Item, idText, optionalText, showValue, text, wholeNumberText } from './item-fields.ts';
import { readMarks } from './marks.ts';
import { type ContactGroupPage, InvalidPage } from './page.ts';
import type { Replacements } from './sanitize-text.ts';
import type { ContactGroupRow, ConversationRow, MembershipRow } from './tables.ts';
import { fieldsText, unknownNames } from './unknown-fields.ts';

/** Legal but suspicious or corrected values in one user's pages. */
export type Anomalies = {
  /** Memberships whose group no GroupItem named. */
  readonly unnamedGroups: number;
  /** Items of an unknown Type that were skipped. */
  readonly skippedItems: number;
  /** Texts, other than IDs, in which U+0000 or a lone surrogate became U+FFFD. */
  readonly replacedTexts: number;
  /** Rows with fields that this version does not know. */
  readonly unknownFields: number;
};

/** One user's rows, each table without repetition. */
export type UserRows = {
  readonly userId: string;
  readonly conversations: readonly ConversationRow[];
  readonly contactGroups: readonly ContactGroupRow[];
  readonly memberships: readonly MembershipRow[];
  readonly oddities: Anomalies;
};

export type NormalizeOptions = {
  readonly sdkAppId: number;
  /** How to handle an item whose Type is neither 1 nor 2: fail its user, or skip and count it. */
  readonly unknownItems: 'fail' | 'skip';
  /** Leaves unknown fields out of `extra`, and only counts the rows with some. */
  readonly dropExtra?: boolean;
};

const CONTACT_FIELDS = new Set([
  'Type',
  'To_Account',
  'ToGroupId',
  'StandardMark',
  'CustomMark',
  'ContactGroupId',
  'Timestamp',
]);
const GROUP_FIELDS = new Set(['GroupId', 'GroupName']);

// Many times the vendor's limit for an ID, and small enough for every database's index: PostgreSQL refuses an entry of over some
// 2,700 bytes, and with it the whole chunk.
const MAX_ID_BYTES = 512;

type Understood = { readonly conversation: ConversationRow; readonly groupIds: readonly string[] };

/**
 * The rows of one user from all pages. Pure. Of an item that is repeated across pages, the later one counts, with all its fields
 * and groups.
 * @throws {InvalidPage} when an item is invalid: a user is read completely or not at all
 */
export const normalize = (
  userId: string,
  pages: readonly ContactGroupPage[],
  options: NormalizeOptions,
): UserRows => normalizePages(userId, pages, options).rows;

/** The rows of some pages, with the IDs of the conversations and contact groups that have unknown fields. */
export type NormalizedPages = { readonly rows: UserRows; readonly withUnknownFields: ReadonlySet<string> };

/** The same as `normalize`, for pages that are only a part of a user's. */
export function normalizePages(
  userId: string,
  pages: readonly ContactGroupPage[],
  options: NormalizeOptions,
): NormalizedPages {
  const { sdkAppId } = options;
  // Rows are written field by field: an object made with `...` in it becomes a hash table, which takes far longer to create and
  // to free. With it, pulling a page of 100 items took 3.8 ms of CPU instead of 1.3.
  const replaced: Replacements = { texts: 0 };
  const items = new Map<string, Understood>();
  const groups = new Map<string, ContactGroupRow>();
  let skippedItems = 0;
  const withUnknownFields = new Set<string>();
  const extraFields = (item: Item, known: ReadonlySet<string>, key: string): string | null => {
    const names = unknownNames(item, known);
    // Of a repeated item, the later one counts.
    if (names === null) withUnknownFields.delete(key);
    else withUnknownFields.add(key);
    return names === null || options.dropExtra === true ? null : fieldsText(item, names, replaced);
  };

  for (const page of pages) {
    for (const value of page.groupItems) {
      const item = asItem(value, 'GroupItem');
      const id = wholeNumberText(item.GroupId, 'GroupId');
      groups.set(id, {
        user_id: userId,
        sdk_app_id: sdkAppId,
        contact_group_id: id,
        contact_group_name: text(item.GroupName, 'GroupName', replaced),
        extra: extraFields(item, GROUP_FIELDS, id),
      });
    }
    for (const value of page.contactItems) {
      const item = asItem(value, 'ContactItem');
      const peer = readPeer(item, options.unknownItems);
      if (peer === null) {
        skippedItems += 1;
        continue;
      }
      const standardMark = optionalText(item.StandardMark, 'StandardMark', replaced);
      const marks = readMarks(standardMark);
      items.set(peer.conversation_id, {
        conversation: {
          user_id: userId,
          sdk_app_id: sdkAppId,
          conversation_id: peer.conversation_id,
          conversation_type: peer.conversation_type,
          peer_id: peer.peer_id,
          standard_mark: standardMark,
          is_starred: marks.is_starred,
          is_marked_unread: marks.is_marked_unread,
          is_folded: marks.is_folded,
          is_hidden: marks.is_hidden,
          custom_mark: optionalText(item.CustomMark, 'CustomMark', replaced),
          source_updated_at: readTimestamp(item.Timestamp),
          extra: extraFields(item, CONTACT_FIELDS, peer.conversation_id),
        },
        groupIds: readGroupIds(item.ContactGroupId),
      });
    }
  }

  const conversations: ConversationRow[] = [];
  const memberships: MembershipRow[] = [];
  let unnamedGroups = 0;
  for (const { conversation, groupIds } of items.values()) {
    conversations.push(conversation);
    for (const id of groupIds) {
      if (!groups.has(id)) unnamedGroups += 1;
      memberships.push({
        user_id: userId,
        sdk_app_id: sdkAppId,
        contact_group_id: id,
        conversation_id: conversation.conversation_id,
      });
    }
  }
  const rows = {
    userId,
    conversations,
    contactGroups: [...groups.values()],
    memberships,
    oddities: {
      unnamedGroups,
      skippedItems,
      replacedTexts: replaced.texts,
      unknownFields: withUnknownFields.size,
    },
  };
  return { rows, withUnknownFields };
}

type Peer = Pick<ConversationRow, 'conversation_id' | 'conversation_type' | 'peer_id'>;

function readPeer(item: Item, unknownItems: 'fail' | 'skip'): Peer | null {
  // The vendor's field table says that Type is a string; every sample has a number.
  const given = nearest(item.Type);
  const type = given === 1 || given === '1' ? 'c2c' : given === 2 || given === '2' ? 'group' : null;
  if (type === null) {
    if (unknownItems === 'skip') return null;
    throw new InvalidPage(`an item has Type ${showValue(item.Type)}, neither 1 (one-to-one) nor 2 (group)`);
  }
  const field = type === 'c2c' ? 'To_Account' : 'ToGroupId';
  const peer = item[field];
  if (peer === undefined || peer === null || peer === '') {
    throw new InvalidPage(`an item of Type ${showValue(item.Type)} has no ${field}`);
  }
  const id = idText(peer, field);
  // In UTF-8, a UTF-16 unit takes at most 3 bytes.
  if (id.length * 3 > MAX_ID_BYTES && Buffer.byteLength(id) > MAX_ID_BYTES) {
    throw new InvalidPage(`${field} has over ${MAX_ID_BYTES} bytes: ${showValue(id)}`);
  }
  return { conversation_id: `${type}_${id}`, conversation_type: type, peer_id: id };
}

function readGroupIds(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new InvalidPage(`ContactGroupId is ${showValue(value)}, not a list`);
  const ids = value.map((id) => wholeNumberText(id, 'ContactGroupId'));
  return ids.length > 1 ? [...new Set(ids)] : ids;
}
