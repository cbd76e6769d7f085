-- Runs that write pseudonyms in the place of IDs, or leave free text out; and users who are forgotten.

alter table runs
  add column key_check       text,
  add column drops_free_text boolean not null default false,
  add column users_forgotten bigint  not null default 0;

create table forgetting (
  sdk_app_id        bigint      primary key,
  salt              text        not null,
  key_check         text,
  last_forgotten_at timestamptz not null default now()
);

create table forgotten_users (
  sdk_app_id   bigint      not null,
  digest       text        not null,
  as_peer      boolean     not null,
  forgotten_at timestamptz not null default now(),
  primary key (sdk_app_id, digest)
);

comment on column conversations.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column conversations.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it; with --pseudonymize a keyed hash of the ID';
comment on column conversations.peer_id is
  'The other user, or the group (To_Account or ToGroupId); with --pseudonymize a keyed hash of the ID';
comment on column conversations.custom_mark is
  'The app''s own mark; null when the API sent none, an empty text when it sent one (CustomMark); null with --drop-free-text';
comment on column conversations.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none, and with --pseudonymize or --drop-free-text';

comment on column contact_groups.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column contact_groups.contact_group_name is
  'Its name (GroupName); empty with --drop-free-text';
comment on column contact_groups.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none, and with --pseudonymize or --drop-free-text';

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
  'Fields of the item that this version does not know, kept as they came; null when there are none, and with --pseudonymize or --drop-free-text';

comment on column contact_groups_history.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column contact_groups_history.contact_group_name is
  'Its name (GroupName); empty with --drop-free-text';
comment on column contact_groups_history.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none, and with --pseudonymize or --drop-free-text';

comment on column memberships_history.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column memberships_history.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it; with --pseudonymize a keyed hash of the ID';

comment on column runs.lines is
  'Lines of the list; they are users, users_beyond_limit, users_forgotten, duplicates, bad_lines and blank_lines together';
comment on column runs.key_check is
  'Tells the key of --pseudonymize from others, and does not tell what it is; null where IDs are as the API has them';
comment on column runs.users_forgotten is
  'Users of the list whom it left out because they are forgotten (chat-export forget)';
comment on column runs.drops_free_text is
  'Whether it left out what people write (--drop-free-text)';

comment on column run_chunks.user_ids is
  'Who they are; with --pseudonymize each is a keyed hash, a dot and the encrypted ID; null once the run has ended';

comment on table forgetting is
  'What the digests of an app in forgotten_users are made with';
comment on column forgetting.sdk_app_id is
  'The app (SDKAppID)';
comment on column forgetting.salt is
  'The key of the digests, in hexadecimal';
comment on column forgetting.key_check is
  'Tells the key of the pseudonyms that were digested from others; null where those were IDs';
comment on column forgetting.last_forgotten_at is
  'When a user of the app was last forgotten: of runs before, row counts can no more be told';

comment on table forgotten_users is
  'One user whom chat-export forget removed, and whom later runs leave out';
comment on column forgotten_users.sdk_app_id is
  'The app (SDKAppID)';
comment on column forgotten_users.digest is
  'HMAC-SHA-256, under the salt, of the user_id that rows had, in hexadecimal';
comment on column forgotten_users.as_peer is
  'Whether other users'' conversations with the user are left out, too';
comment on column forgotten_users.forgotten_at is
  'When that was asked for, for the last time';
