-- Runs that write pseudonyms in the place of IDs, or leave free text out: with which key, and whether.

alter table runs
  add column key_check        text,
  add column drops_free_text  boolean not null default false;

comment on column conversations.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column conversations.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it; with --pseudonymize a keyed hash of the ID';
comment on column conversations.peer_id is
  'The other user, or the group (To_Account or ToGroupId); with --pseudonymize a keyed hash of the ID';
comment on column conversations.custom_mark is
  'The app''s own mark; null when the API sent none, an empty text when it sent one (CustomMark); null with --drop-free-text';
comment on column conversations.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none, and with --drop-free-text';

comment on column contact_groups.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column contact_groups.contact_group_name is
  'Its name (GroupName); empty with --drop-free-text';
comment on column contact_groups.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none, and with --drop-free-text';

comment on column memberships.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column memberships.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it; with --pseudonymize a keyed hash of the ID';

comment on column exported_users.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';

comment on column unexported_users.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column unexported_users.error_info is
  'What failed, in the words of the API or of the program; with --pseudonymize of the program alone';

comment on column conversations_history.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column conversations_history.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it; with --pseudonymize a keyed hash of the ID';
comment on column conversations_history.peer_id is
  'The other user, or the group (To_Account or ToGroupId); with --pseudonymize a keyed hash of the ID';
comment on column conversations_history.custom_mark is
  'The app''s own mark; null when the API sent none, an empty text when it sent one (CustomMark); null with --drop-free-text';
comment on column conversations_history.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none, and with --drop-free-text';

comment on column contact_groups_history.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column contact_groups_history.contact_group_name is
  'Its name (GroupName); empty with --drop-free-text';
comment on column contact_groups_history.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none, and with --drop-free-text';

comment on column memberships_history.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column memberships_history.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it; with --pseudonymize a keyed hash of the ID';

comment on column runs.key_check is
  'Tells the key of --pseudonymize from others, and does not tell what it is; null where IDs are as the API has them';
comment on column runs.drops_free_text is
  'Whether it left out what people write (--drop-free-text)';

comment on column run_chunks.user_ids is
  'Who they are; with --pseudonymize each is a keyed hash, a dot and the encrypted ID; null once the run has ended';
