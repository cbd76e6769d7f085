import type { ExpectedRow } from '../../src/simulator/content/expected-row.ts';
import type { Page } from './calling.ts';

// A second, deliberately plain reader of pages: it follows the vendor's page and the description of the rows, and nothing else.

const text = (value: unknown): string =>
  String(value)
    .replaceAll('\0', '\ufffd')
    .replace(/\p{Surrogate}/gu, '\ufffd');

const clean = (value: unknown): unknown => {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, clean(inner)]));
};

const extraOf = (item: Record<string, unknown>, known: string[]): unknown => {
  const unknown = Object.entries(item).filter(([name]) => !known.includes(name));
  return unknown.length === 0 ? null : clean(Object.fromEntries(unknown));
};

const KNOWN = [
  'Type',
  'To_Account',
  'ToGroupId',
  'StandardMark',
  'CustomMark',
  'ContactGroupId',
  'Timestamp',
];

/** Rows by table and key, with `extra` parsed, so that order does not matter. */
export type Rows = Map<string, unknown>;

export const rowsOfPages = (user: string, pages: readonly Page[]): Rows => {
  const items = new Map<string, Record<string, unknown>>();
  const groups = new Map<string, Record<string, unknown>>();
  for (const page of pages) {
    for (const item of page.ContactItem ?? []) {
      const type = Number(item.Type);
      if (type === 1) items.set(`c2c_${item.To_Account}`, item);
      if (type === 2) items.set(`group_${item.ToGroupId}`, item);
    }
    for (const group of page.GroupItem ?? []) groups.set(String(group.GroupId), group);
  }
  const key = { user_id: user, sdk_app_id: 1400000000 };
  const rows: Rows = new Map();
  let memberships = 0;
  for (const [id, item] of items) {
    const mark = typeof item.StandardMark === 'string' ? [...item.StandardMark].reverse() : null;
    const seconds = Number(item.Timestamp ?? 0);
    rows.set(`conversations ${id}`, {
      ...key,
      conversation_id: id,
      conversation_type: id.startsWith('c2c_') ? 'c2c' : 'group',
      peer_id: item.To_Account ?? item.ToGroupId,
      standard_mark: item.StandardMark ?? null,
      is_starred: mark && mark[0] === '1',
      is_marked_unread: mark && mark[1] === '1',
      is_folded: mark && mark[2] === '1',
      is_hidden: mark && mark[3] === '1',
      custom_mark: typeof item.CustomMark === 'string' ? text(item.CustomMark) : null,
      source_updated_at: seconds === 0 ? null : `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`,
      extra: extraOf(item, KNOWN),
    });
    for (const group of new Set(((item.ContactGroupId ?? []) as unknown[]).map(String))) {
      memberships++;
      rows.set(`memberships ${group} ${id}`, { ...key, contact_group_id: group, conversation_id: id });
    }
  }
  for (const [id, group] of groups) {
    rows.set(`contact_groups ${id}`, {
      ...key,
      contact_group_id: id,
      contact_group_name: text(group.GroupName),
      extra: extraOf(group, ['GroupName', 'GroupId']),
    });
  }
  const counts = { conversations: items.size, contact_groups: groups.size, memberships };
  return rows.set('exported_users', { ...key, ...counts });
};

export const rowsOfExpected = (expected: Iterable<ExpectedRow>): Rows => {
  const rows: Rows = new Map();
  for (const { table, row } of expected) {
    if (table === 'odd_users') continue;
    const parts: string[] = [table];
    if ('contact_group_id' in row) parts.push(String(row.contact_group_id));
    if ('conversation_id' in row) parts.push(row.conversation_id);
    const key = parts.join(' ');
    if (rows.has(key)) throw new Error(`the expected rows repeat ${key}`);
    const extra = 'extra' in row ? { extra: row.extra === null ? null : JSON.parse(row.extra) } : {};
    rows.set(key, { ...row, ...extra });
  }
  return rows;
};

const isWhole = (value: unknown): boolean =>
  Number.isSafeInteger(value) ||
  (typeof value === 'string' && /^-?\d+$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value));
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isMissing = (value: unknown): boolean => value === undefined || value === null;
const isName = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && value.isWellFormed() && !value.includes('\0');

const isConversation = (item: unknown): boolean => {
  if (!isObject(item)) return false;
  const { Type, To_Account, ToGroupId, StandardMark, CustomMark, ContactGroupId, Timestamp } = item;
  if (Number(Type) !== 1 && Number(Type) !== 2) return true;
  const seconds = Number(Timestamp);
  return (
    isName(Number(Type) === 1 ? To_Account : ToGroupId) &&
    (isMissing(StandardMark) || (typeof StandardMark === 'string' && /^[01]*$/.test(StandardMark))) &&
    (isMissing(CustomMark) || typeof CustomMark === 'string') &&
    (isMissing(ContactGroupId) || (Array.isArray(ContactGroupId) && ContactGroupId.every(isWhole))) &&
    (isMissing(Timestamp) || (isWhole(Timestamp) && seconds >= 0 && seconds < Date.UTC(2101, 0) / 1_000))
  );
};

const isContactGroup = (item: unknown): boolean =>
  isObject(item) && isWhole(item.GroupId) && typeof item.GroupName === 'string';

const isListOf = (value: unknown, is: (item: unknown) => boolean): boolean =>
  isMissing(value) || (Array.isArray(value) && value.every(is));

/** Whether the body of an OK answer can be understood whole, items of unknown Types left aside. */
export const isReadable = (body: string): boolean => {
  const { ContactItem, GroupItem } = JSON.parse(body) as Record<string, unknown>;
  // JSON.parse changes long numbers; only the text has them.
  const isBeyond = (body.match(/(?<=[:[,])\d{19,}(?=[,\]}])/g) ?? []).some((n) => BigInt(n) >= 2n ** 63n);
  return !isBeyond && isListOf(ContactItem, isConversation) && isListOf(GroupItem, isContactGroup);
};
