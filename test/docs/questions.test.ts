import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { normalize, type UserRows } from '../../src/rows/normalize.ts';
import type { ContactGroupPage } from '../../src/rows/page.ts';
import { PostgresGround } from '../destinations/postgres/ground.ts';
import { all, app, finish, newRun, only, resultOf, unexported } from '../destinations/samples.ts';

const page = await readFile(new URL('../../docs/questions.md', import.meta.url), 'utf8');
const questions = [...page.matchAll(/^## (.+\?)\n\n```sql\n([\s\S]*?)```$/gm)].map(
  ([, question = '', sql = '']) => [question, sql] as const,
);

const BIT_32 = `1${'0'.repeat(32)}`;
const user = (
  userId: string,
  contactItems: ContactGroupPage['contactItems'] = [],
  groups: Record<number, string> = {},
): UserRows => {
  const groupItems = Object.entries(groups).map(([id, name]) => ({ GroupId: Number(id), GroupName: name }));
  return normalize(userId, [{ contactItems, groupItems } as ContactGroupPage], {
    sdkAppId: app,
    unknownItems: 'fail',
  });
};
const peer = (to: string, groups: readonly number[] = [], mark?: string) => ({
  ...(to.startsWith('@') ? { Type: 2, ToGroupId: to } : { Type: 1, To_Account: to }),
  ContactGroupId: groups,
  ...(mark === undefined ? {} : { StandardMark: mark }),
});

const amy = user('amy', [peer('bob', [1], '1'), peer('cat', [1, 2], '11'), peer('@team')], {
  1: 'Friends',
  2: 'Work',
});
// Group 9 is never named.
const bob = user('bob', [peer('amy', [1], BIT_32), peer('@team', [9])], { 1: 'Friends' });
const cat = [peer('dan')];
const empty = { 1: 'Empty' };
const runs = [
  [amy, bob, user('cat', cat, empty), user('dan')],
  [amy, bob, user('cat', [...cat, peer('amy')], empty), user('dan')],
];

const ground = new PostgresGround();
const schema = ground.schema();
const began: Date[] = [];

beforeAll(async () => {
  const users = ['amy', 'bob', 'cat', 'dan', 'eve'];
  for (const exported of runs) {
    const destination = await ground.open(schema);
    const run = await destination.begin(newRun(users.length, users.length), [users]);
    await run.commit(
      resultOf(run, only(await all(run.openChunks(1))), {
        exported,
        unexported: [unexported('eve', 'transient_error', { error_code: 50_004 })],
      }),
    );
    await finish(run);
    await destination.close();
    const [row] = await ground.query(`select started_at from ${schema}.runs where run_id = $1`, [
      run.record.runId,
    ]);
    began.push(row?.started_at as Date);
  }
  await ground.query(`set search_path to ${schema}`);
});

const answers = (): Readonly<Record<string, readonly Record<string, unknown>[]>> => ({
  'How many users are there, how many have no conversations, and how many do the others have?': [
    { users: '4', empty_users: '1', median_conversations: '2', most_conversations: '3' },
  ],
  'What do users call their contact groups?': [
    { contact_group_name: 'Friends', contact_groups: '2' },
    { contact_group_name: 'Empty', contact_groups: '1' },
    { contact_group_name: 'Work', contact_groups: '1' },
  ],
  'Which contact groups are the largest?': [
    { user_id: 'amy', contact_group_name: 'Friends', conversations: '2' },
    { user_id: 'amy', contact_group_name: 'Work', conversations: '1' },
    { user_id: 'bob', contact_group_name: 'Friends', conversations: '1' },
    { user_id: 'bob', contact_group_name: null, conversations: '1' },
    { user_id: 'cat', contact_group_name: 'Empty', conversations: '0' },
  ],
  'What share of the conversations is in no contact group?': [{ percent: '42.9' }],
  'Who has a conversation with this user, and in which contact groups?': [
    { user_id: 'bob', contact_group_name: 'Friends' },
    { user_id: 'cat', contact_group_name: null },
  ],
  'With whom do the most users have a conversation?': [
    { conversation_id: 'c2c_amy', users: '2' },
    { conversation_id: 'group_@team', users: '2' },
    { conversation_id: 'c2c_bob', users: '1' },
    { conversation_id: 'c2c_cat', users: '1' },
    { conversation_id: 'c2c_dan', users: '1' },
  ],
  'Which users have a conversation with each other?': [
    { user_id: 'amy', peer_id: 'bob' },
    { user_id: 'amy', peer_id: 'cat' },
  ],
  'Which marks are used, and how often?': [
    { bit: 0, mark: 'starred', conversations: '2' },
    { bit: 1, mark: 'marked_unread', conversations: '1' },
    { bit: 32, mark: 'custom', conversations: '1' },
  ],
  'How many users changed in each of the last runs?': [
    { run_id: '2', changed_users: '1' },
    { run_id: '1', changed_users: '3' },
  ],
  'Whose rows are older than the last run, why, and since when?': [
    {
      reason: 'transient_error',
      error_code: '50004',
      users: '1',
      with_old_rows: '0',
      since: began[0],
    },
  ],
});

test('ten questions have their answers', () => {
  expect(questions.map(([question]) => question)).toEqual(Object.keys(answers()));
  expect(questions).toHaveLength(10);
});

test.each(questions)('%s', async (question, sql) => {
  expect(await ground.query(sql)).toEqual(answers()[question]);
});
