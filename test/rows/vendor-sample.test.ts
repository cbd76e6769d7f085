import { expect, test } from 'vitest';
import { readAnswer } from '../../src/chat-api/answer.ts';
import { exportedUserRow } from '../../src/rows/exported-user.ts';
import { normalize } from '../../src/rows/normalize.ts';
import { SDK_APP_ID } from './pages.ts';

// The answer on the vendor's page of get_contact_group, as it stands there.
const sample =
  '{"ContactItem": [{"Type": 1,"To_Account": "teacher4","StandardMark": "111001","ContactGroupId": [1,2],' +
  '"Timestamp": 1670843110},{"Type": 2,"ToGroupId": "@TGS#1N3RSUYG2","StandardMark": "111001","CustomMark": "abcd",' +
  '"Timestamp": 1672998266}],"GroupItem": [{"GroupName": "test1x","GroupId": 1},{"GroupName": "test10","GroupId": 2}],' +
  '"CompleteFlag": 1,"NextStartIndex": 0,"ActionStatus": "OK","ErrorCode": 0,"ErrorInfo": ""}';

const owner = { user_id: 'user0', sdk_app_id: SDK_APP_ID };
const marks = {
  standard_mark: '111001',
  is_starred: true,
  is_marked_unread: false,
  is_folded: false,
  is_hidden: true,
};

test("the vendor's sample answer becomes exactly its two conversations, two groups and two memberships", () => {
  const page = readAnswer(sample);
  expect(page.next).toBeNull();
  const rows = normalize('user0', [page], { sdkAppId: SDK_APP_ID, unknownItems: 'fail' });
  expect(rows).toStrictEqual({
    userId: 'user0',
    conversations: [
      {
        ...owner,
        conversation_id: 'c2c_teacher4',
        conversation_type: 'c2c',
        peer_id: 'teacher4',
        ...marks,
        custom_mark: null,
        source_updated_at: '2022-12-12T11:05:10Z',
        extra: null,
      },
      {
        ...owner,
        conversation_id: 'group_@TGS#1N3RSUYG2',
        conversation_type: 'group',
        peer_id: '@TGS#1N3RSUYG2',
        ...marks,
        custom_mark: 'abcd',
        source_updated_at: '2023-01-06T09:44:26Z',
        extra: null,
      },
    ],
    contactGroups: [
      { ...owner, contact_group_id: '1', contact_group_name: 'test1x', extra: null },
      { ...owner, contact_group_id: '2', contact_group_name: 'test10', extra: null },
    ],
    memberships: [
      { ...owner, contact_group_id: '1', conversation_id: 'c2c_teacher4' },
      { ...owner, contact_group_id: '2', conversation_id: 'c2c_teacher4' },
    ],
    oddities: { unnamedGroups: 0, skippedItems: 0, replacedTexts: 0, unknownFields: 0 },
  });
  expect(exportedUserRow(rows, SDK_APP_ID)).toStrictEqual({
    ...owner,
    conversations: 2,
    contact_groups: 2,
    memberships: 2,
  });
});
