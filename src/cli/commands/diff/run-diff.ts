import type { RunDiff, UserChanges } from '../../../past-runs/diff-runs.ts';
import { printable, printableJson } from '../../../report/text/printable.ts';
import { textTable } from '../../../report/text/text-table.ts';
import { grouped } from '../../../text/format.ts';

type Changes = Omit<UserChanges, 'userId'>;

const MAX_USERS = 20;
// In characters.
const PIECE = 65_536;

const NOTHING: Changes = {
  conversations: { joined: 0, left: 0, marked: 0, otherwise: 0 },
  contactGroups: { joined: 0, left: 0, renamed: 0, otherwise: 0 },
  memberships: { joined: 0, left: 0 },
};

/** The changes between two runs, as text for people: the totals, and the users with the most changes. */
export async function* runDiffText({ record, since, users }: RunDiff, width: number): AsyncGenerator<string> {
  let count = 0;
  let total = NOTHING;
  let most: UserChanges[] = [];
  for await (const user of users) {
    count += 1;
    total = together(total, user);
    most.push(user);
    if (most.length < 2 * MAX_USERS) continue;
    most = foremost(most);
  }
  const what = since === record.runId - 1 ? `Run ${record.runId}` : `Runs ${since + 1} to ${record.runId}`;
  yield `${what} of app ${record.sdkAppId} changed the rows of ${grouped(count)} users\n`;
  if (count === 0) return;
  yield `\n${textTable(
    [
      { name: '', alignRight: false },
      ...['JOINED', 'LEFT', 'MARKED', 'RENAMED', 'OTHERWISE'].map((name) => ({ name, alignRight: true })),
    ],
    [
      ['conversations', ...figures(total.conversations, ['joined', 'left', 'marked', null, 'otherwise'])],
      ['contact groups', ...figures(total.contactGroups, ['joined', 'left', null, 'renamed', 'otherwise'])],
      ['memberships', ...figures(total.memberships, ['joined', 'left', null, null, null])],
    ],
  )}`;
  yield `\n${count > MAX_USERS ? 'The users who changed the most' : 'The users'}:\n${textTable(
    [
      { name: 'USER', alignRight: false, breaks: true },
      { name: 'CONVERSATIONS', alignRight: false, breaks: true },
      { name: 'CONTACT GROUPS', alignRight: false, breaks: true },
      { name: 'MEMBERSHIPS', alignRight: false, breaks: true },
    ],
    foremost(most).map((user) => [
      user.userId,
      shortly(user.conversations),
      shortly(user.contactGroups),
      shortly(user.memberships),
    ]),
    width,
  )}`;
  if (count > MAX_USERS) yield `… and ${grouped(count - MAX_USERS)} more: --json has them all\n`;
}

/** The same as the text of one JSON object, in pieces: its array of users may not fit in memory. */
export async function* runDiffJson({ destination, record, since, users }: RunDiff): AsyncGenerator<string> {
  const head = { destination, sdk_app_id: record.sdkAppId, run: record.runId, since };
  let text = `${printableJson(JSON.stringify(head)).slice(0, -1)},"users":[`;
  let separator = '';
  let count = 0;
  let total = NOTHING;
  for await (const user of users) {
    count += 1;
    total = together(total, user);
    text += `${separator}${printableJson(JSON.stringify({ user_id: user.userId, ...named(user) }))}`;
    separator = ',';
    if (text.length < PIECE) continue;
    yield text;
    text = '';
  }
  yield `${text}],"changed_users":${count},"total":${JSON.stringify(named(total))}}\n`;
}

const named = ({ conversations, contactGroups, memberships }: Changes) => ({
  conversations,
  contact_groups: contactGroups,
  memberships,
});

const together = (a: Changes, b: Changes): Changes => ({
  conversations: added(a.conversations, b.conversations),
  contactGroups: added(a.contactGroups, b.contactGroups),
  memberships: added(a.memberships, b.memberships),
});

function added<T extends Readonly<Record<string, number>>>(a: T, b: T): T {
  return Object.fromEntries(Object.entries(a).map(([name, count]) => [name, count + (b[name] ?? 0)])) as T;
}

function foremost(users: readonly UserChanges[]): UserChanges[] {
  const size = ({ conversations, contactGroups, memberships }: Changes): number =>
    [conversations, contactGroups, memberships].flatMap(Object.values<number>).reduce((a, b) => a + b, 0);
  return users.toSorted((a, b) => size(b) - size(a)).slice(0, MAX_USERS);
}

const figures = <T extends Readonly<Record<string, number>>>(
  of: T,
  names: readonly (keyof T | null)[],
): string[] => names.map((name) => (name === null ? '' : grouped(of[name] ?? 0)));

/** `3 joined, 1 left`; nothing for zero counts. */
const shortly = (changes: Readonly<Record<string, number>>): string =>
  Object.entries(changes)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${grouped(count)} ${printable(name)}`)
    .join(', ');
