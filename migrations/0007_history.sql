-- What was when: every version that a row has had, of the apps whose jobs ask for it (--history).

create table histories (
  sdk_app_id bigint      primary key,
  since_run  bigint      not null,
  began_at   timestamptz not null default now()
);

create table conversations_history (
  user_id           text        collate "C" not null,
  sdk_app_id        bigint      not null,
  conversation_id   text        collate "C" not null,
  conversation_type text        not null,
  peer_id           text        collate "C" not null,
  standard_mark     text,
  is_starred        boolean,
  is_marked_unread  boolean,
  is_folded         boolean,
  is_hidden         boolean,
  custom_mark       text,
  source_updated_at timestamptz,
  extra             jsonb,
  valid_from        timestamptz not null,
  valid_to          timestamptz,
  opened_by         bigint      not null,
  closed_by         bigint,
  primary key (user_id, sdk_app_id, conversation_id, opened_by)
);

create table contact_groups_history (
  user_id            text        collate "C" not null,
  sdk_app_id         bigint      not null,
  contact_group_id   bigint      not null,
  contact_group_name text        not null,
  extra              jsonb,
  valid_from         timestamptz not null,
  valid_to           timestamptz,
  opened_by          bigint      not null,
  closed_by          bigint,
  primary key (user_id, sdk_app_id, contact_group_id, opened_by)
);

create table memberships_history (
  user_id          text        collate "C" not null,
  sdk_app_id       bigint      not null,
  contact_group_id bigint      not null,
  conversation_id  text        collate "C" not null,
  valid_from       timestamptz not null,
  valid_to         timestamptz,
  opened_by        bigint      not null,
  closed_by        bigint,
  primary key (user_id, sdk_app_id, contact_group_id, conversation_id, opened_by)
);

-- The rows as they were when a run had ended, and as they were at an instant.

create function conversations_as_of(app bigint, run bigint) returns setof conversations_history
language sql stable
begin atomic
  select * from conversations_history
  where sdk_app_id = app and opened_by <= run and (closed_by is null or closed_by > run);
end;

create function conversations_as_of(app bigint, instant timestamptz) returns setof conversations_history
language sql stable
begin atomic
  select * from conversations_history
  where sdk_app_id = app and valid_from <= instant and (valid_to is null or valid_to > instant);
end;

create function contact_groups_as_of(app bigint, run bigint) returns setof contact_groups_history
language sql stable
begin atomic
  select * from contact_groups_history
  where sdk_app_id = app and opened_by <= run and (closed_by is null or closed_by > run);
end;

create function contact_groups_as_of(app bigint, instant timestamptz) returns setof contact_groups_history
language sql stable
begin atomic
  select * from contact_groups_history
  where sdk_app_id = app and valid_from <= instant and (valid_to is null or valid_to > instant);
end;

create function memberships_as_of(app bigint, run bigint) returns setof memberships_history
language sql stable
begin atomic
  select * from memberships_history
  where sdk_app_id = app and opened_by <= run and (closed_by is null or closed_by > run);
end;

create function memberships_as_of(app bigint, instant timestamptz) returns setof memberships_history
language sql stable
begin atomic
  select * from memberships_history
  where sdk_app_id = app and valid_from <= instant and (valid_to is null or valid_to > instant);
end;

comment on table conversations_history is
  'A version of a row of conversations, kept with --history. One conversation of a user''s contact-group list, with its marks; this list is the user''s own and not that of recent contacts';
comment on column conversations_history.user_id is
  'The user whose list it is (From_Account)';
comment on column conversations_history.sdk_app_id is
  'The app (SDKAppID)';
comment on column conversations_history.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it';
comment on column conversations_history.conversation_type is
  'c2c (with a user) or group (Type 1 or 2)';
comment on column conversations_history.peer_id is
  'The other user, or the group (To_Account or ToGroupId)';
comment on column conversations_history.standard_mark is
  'The marks as they came, a string of 0 and 1 whose last character is bit 0 (StandardMark)';
comment on column conversations_history.is_starred is
  'The user marked it as a favourite: bit 0 of standard_mark; null where there is no standard_mark';
comment on column conversations_history.is_marked_unread is
  'The user marked it as unread, which changes no count of unread messages: bit 1 of standard_mark; null where there is no standard_mark';
comment on column conversations_history.is_folded is
  'The user folded it away: bit 2 of standard_mark; null where there is no standard_mark';
comment on column conversations_history.is_hidden is
  'The user hid it: bit 3 of standard_mark; null where there is no standard_mark';
comment on column conversations_history.custom_mark is
  'The app''s own mark; null when the API sent none, an empty text when it sent one (CustomMark)';
comment on column conversations_history.source_updated_at is
  'When the item was last changed, as the API says; null when it says 0 or nothing (Timestamp)';
comment on column conversations_history.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none';
comment on column conversations_history.valid_from is
  'From when on it was so: when the last page of the user''s pull arrived';
comment on column conversations_history.valid_to is
  'Until when it was so; null while it is so';
comment on column conversations_history.opened_by is
  'The run that found it so (runs.run_id)';
comment on column conversations_history.closed_by is
  'The run that found it otherwise (runs.run_id); null while it is so';

comment on table contact_groups_history is
  'A version of a row of contact_groups, kept with --history. One contact group of a user that the API named, empty ones too';
comment on column contact_groups_history.user_id is
  'The user whose list it is (From_Account)';
comment on column contact_groups_history.sdk_app_id is
  'The app (SDKAppID)';
comment on column contact_groups_history.contact_group_id is
  'The contact group; such IDs are each user''s own, so two users'' groups with one ID are two groups';
comment on column contact_groups_history.contact_group_name is
  'Its name (GroupName)';
comment on column contact_groups_history.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none';
comment on column contact_groups_history.valid_from is
  'From when on it was so: when the last page of the user''s pull arrived';
comment on column contact_groups_history.valid_to is
  'Until when it was so; null while it is so';
comment on column contact_groups_history.opened_by is
  'The run that found it so (runs.run_id)';
comment on column contact_groups_history.closed_by is
  'The run that found it otherwise (runs.run_id); null while it is so';

comment on table memberships_history is
  'A version of a row of memberships, kept with --history. That a conversation is in a contact group; a conversation can be in several, and the API may never name the group, so that contact_groups has no row';
comment on column memberships_history.user_id is
  'The user whose list it is (From_Account)';
comment on column memberships_history.sdk_app_id is
  'The app (SDKAppID)';
comment on column memberships_history.contact_group_id is
  'The contact group; such IDs are each user''s own, so two users'' groups with one ID are two groups';
comment on column memberships_history.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it';
comment on column memberships_history.valid_from is
  'From when on it was so: when the last page of the user''s pull arrived';
comment on column memberships_history.valid_to is
  'Until when it was so; null while it is so';
comment on column memberships_history.opened_by is
  'The run that found it so (runs.run_id)';
comment on column memberships_history.closed_by is
  'The run that found it otherwise (runs.run_id); null while it is so';

comment on table histories is
  'An app of which every version of the rows is kept';
comment on column histories.sdk_app_id is
  'The app (SDKAppID)';
comment on column histories.since_run is
  'The first run as of which the rows are known';
comment on column histories.began_at is
  'When that began';
