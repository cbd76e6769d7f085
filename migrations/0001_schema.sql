-- Rows of the export. The ID columns compare byte by byte, so that servers of every language sort and index alike. user_id and
-- sdk_app_id lead every key, so that a look-up by user uses it.

create table conversations (
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
  last_changed_run  bigint      not null,
  primary key (user_id, sdk_app_id, conversation_id)
);

create table contact_groups (
  user_id            text   collate "C" not null,
  sdk_app_id         bigint not null,
  contact_group_id   bigint not null,
  contact_group_name text   not null,
  extra              jsonb,
  last_changed_run   bigint not null,
  primary key (user_id, sdk_app_id, contact_group_id)
);

-- No foreign keys: a membership may name a contact group that the API never named.
create table memberships (
  user_id          text   collate "C" not null,
  sdk_app_id       bigint not null,
  contact_group_id bigint not null,
  conversation_id  text   collate "C" not null,
  last_changed_run bigint not null,
  primary key (user_id, sdk_app_id, contact_group_id, conversation_id)
);

create table exported_users (
  user_id          text        collate "C" not null,
  sdk_app_id       bigint      not null,
  conversations    bigint      not null,
  contact_groups   bigint      not null,
  memberships      bigint      not null,
  last_changed_run bigint      not null,
  changed_at       timestamptz not null,
  content_hash     bytea       not null,
  primary key (user_id, sdk_app_id)
);

-- The runs, their plans and their ledgers.

create table runs (
  run_id              bigint      generated always as identity primary key,
  job                 text        not null,
  sdk_app_id          bigint      not null,
  endpoint            text        not null,
  row_format          integer     not null,
  key_fingerprint     text,
  free_text_dropped   boolean     not null default false,
  -- No foreign key: a run that retried another one stays when the record of that one is removed.
  retry_of_run        bigint,
  status              text        not null check (status in ('running', 'finished', 'abandoned')),
  -- Together with last_attempt_at the fencing number: an attempt that sees another one commits nothing.
  attempts            integer     not null,
  started_at          timestamptz not null default now(),
  last_attempt_at     timestamptz not null default now(),
  finished_at         timestamptz,
  stop_reason         text,
  error               text,
  -- lines = users + users_beyond_limit + users_suppressed + duplicates + bad_lines + blank_lines
  lines               bigint      not null,
  users               bigint      not null,
  users_beyond_limit  bigint      not null default 0,
  users_suppressed    bigint      not null default 0,
  duplicates          bigint      not null,
  bad_lines           bigint      not null default 0,
  blank_lines         bigint      not null default 0,
  list_digest         text        not null,
  chunk_size          integer     not null,
  second_pass_planned boolean     not null default false,
  counts              jsonb
);

create index runs_by_job on runs (sdk_app_id, job, run_id);

create table run_chunks (
  run_id       bigint      not null references runs on delete cascade,
  chunk        integer     not null,
  pass         smallint    not null,
  user_count   integer     not null,
  -- Emptied when the run ends; the counts stay.
  user_ids     text[],
  deferred     text[],
  counts       jsonb,
  committed_at timestamptz,
  primary key (run_id, chunk)
);

create table run_attempts (
  run_id   bigint  not null references runs on delete cascade,
  attempt  integer not null,
  -- json and not jsonb: written whole, read whole, and never searched.
  timeline json    not null,
  primary key (run_id, attempt)
);

create table unexported_users (
  user_id          text        collate "C" not null,
  sdk_app_id       bigint      not null,
  run_id           bigint      not null references runs on delete cascade,
  reason           text        not null,
  error_code       bigint,
  error_info       text,
  calls            bigint      not null,
  -- Set when older runs are removed: the oldest run that is kept takes it over.
  stale_since      timestamptz,
  recovered_in_run bigint,
  primary key (user_id, sdk_app_id, run_id)
);

create index unexported_users_by_run on unexported_users (run_id);

-- Erased users, whom later runs leave out.

create table suppression_settings (
  sdk_app_id      bigint      primary key,
  salt            text        not null,
  key_fingerprint text,
  last_erased_at  timestamptz not null default now()
);

create table suppressed_users (
  sdk_app_id    bigint      not null,
  digest        text        not null,
  as_peer       boolean     not null,
  suppressed_at timestamptz not null default now(),
  primary key (sdk_app_id, digest)
);

-- Every version that a row has had, of the apps whose jobs ask for it (--history).

create table history_tracking (
  sdk_app_id bigint      primary key,
  since_run  bigint      not null,
  since      timestamptz not null default now()
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
  valid_from_run    bigint      not null,
  valid_to_run      bigint,
  primary key (user_id, sdk_app_id, conversation_id, valid_from_run)
);

create table contact_groups_history (
  user_id            text        collate "C" not null,
  sdk_app_id         bigint      not null,
  contact_group_id   bigint      not null,
  contact_group_name text        not null,
  extra              jsonb,
  valid_from         timestamptz not null,
  valid_to           timestamptz,
  valid_from_run     bigint      not null,
  valid_to_run       bigint,
  primary key (user_id, sdk_app_id, contact_group_id, valid_from_run)
);

create table memberships_history (
  user_id          text        collate "C" not null,
  sdk_app_id       bigint      not null,
  contact_group_id bigint      not null,
  conversation_id  text        collate "C" not null,
  valid_from       timestamptz not null,
  valid_to         timestamptz,
  valid_from_run   bigint      not null,
  valid_to_run     bigint,
  primary key (user_id, sdk_app_id, contact_group_id, conversation_id, valid_from_run)
);

-- The rows as they were when a run had ended, and as they were at an instant.

create function conversations_as_of(app bigint, run bigint) returns setof conversations_history
language sql stable
begin atomic
  select * from conversations_history
  where sdk_app_id = app and valid_from_run <= run and (valid_to_run is null or valid_to_run > run);
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
  where sdk_app_id = app and valid_from_run <= run and (valid_to_run is null or valid_to_run > run);
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
  where sdk_app_id = app and valid_from_run <= run and (valid_to_run is null or valid_to_run > run);
end;

create function memberships_as_of(app bigint, instant timestamptz) returns setof memberships_history
language sql stable
begin atomic
  select * from memberships_history
  where sdk_app_id = app and valid_from <= instant and (valid_to is null or valid_to > instant);
end;

-- What analysts ask for first.

create or replace view user_counts as
select e.user_id, e.sdk_app_id, e.conversations,
       coalesce(c.c2c_conversations, 0) as c2c_conversations,
       coalesce(c.group_conversations, 0) as group_conversations,
       coalesce(c.ungrouped_conversations, 0) as ungrouped_conversations,
       coalesce(c.starred, 0) as starred,
       coalesce(c.marked_unread, 0) as marked_unread,
       coalesce(c.folded, 0) as folded,
       coalesce(c.hidden, 0) as hidden,
       e.contact_groups, e.memberships, c.last_updated_at
from exported_users e
left join (
  select user_id, sdk_app_id,
         count(*) filter (where conversation_type = 'c2c') as c2c_conversations,
         count(*) filter (where conversation_type = 'group') as group_conversations,
         count(*) filter (where not is_grouped) as ungrouped_conversations,
         count(*) filter (where is_starred) as starred,
         count(*) filter (where is_marked_unread) as marked_unread,
         count(*) filter (where is_folded) as folded,
         count(*) filter (where is_hidden) as hidden,
         max(source_updated_at) as last_updated_at
  from (
    select c.*, m.conversation_id is not null as is_grouped
    from conversations c
    left join (select distinct user_id, sdk_app_id, conversation_id from memberships) m
      using (user_id, sdk_app_id, conversation_id)
  ) marked
  group by user_id, sdk_app_id
) c using (user_id, sdk_app_id);

create or replace view contact_group_sizes as
select user_id, sdk_app_id, contact_group_id, g.contact_group_name, coalesce(m.conversations, 0) as conversations
from contact_groups g
full join (
  select user_id, sdk_app_id, contact_group_id, count(*) as conversations
  from memberships
  group by user_id, sdk_app_id, contact_group_id
) m using (user_id, sdk_app_id, contact_group_id);

create or replace view named_memberships as
select m.user_id, m.sdk_app_id, m.contact_group_id, g.contact_group_name, m.conversation_id, c.conversation_type,
       c.peer_id, c.is_starred, c.is_marked_unread, c.is_folded, c.is_hidden, c.source_updated_at
from memberships m
join conversations c using (user_id, sdk_app_id, conversation_id)
left join contact_groups g using (user_id, sdk_app_id, contact_group_id);

create or replace view ungrouped_conversations as
select c.user_id, c.sdk_app_id, c.conversation_id, c.conversation_type, c.peer_id, c.source_updated_at
from conversations c
where not exists (
  select from memberships m
  where m.user_id = c.user_id and m.sdk_app_id = c.sdk_app_id and m.conversation_id = c.conversation_id
);

create or replace view conversation_marks as
select c.user_id, c.sdk_app_id, c.conversation_id, b.bit,
       case
         when b.bit = 0 then 'starred'
         when b.bit = 1 then 'marked_unread'
         when b.bit = 2 then 'folded'
         when b.bit = 3 then 'hidden'
         when b.bit < 32 then 'reserved'
         else 'custom'
       end as mark
from conversations c
cross join lateral generate_series(0, length(c.standard_mark) - 1) as b (bit)
where substr(c.standard_mark, length(c.standard_mark) - b.bit, 1) = '1';

-- Users whose rows are older than the last finished run of their job, and the start of the first run that failed them. Runs of a
-- part of the list (--retry-failed, --limit) do not count.
create or replace view stale_users as
with finished as (
  select run_id, sdk_app_id, job, started_at,
         row_number() over (partition by sdk_app_id, job order by run_id desc) as runs_ago
  from runs
  where status = 'finished' and retry_of_run is null and users_beyond_limit = 0
),
failed as (
  select u.user_id, u.sdk_app_id, u.reason, u.error_code, u.error_info, f.run_id, f.job, f.runs_ago,
         coalesce(u.stale_since, f.started_at) as stale_since,
         row_number() over (partition by u.user_id, u.sdk_app_id, f.job order by f.runs_ago) as failures
  from unexported_users u
  join finished f using (run_id, sdk_app_id)
  where u.recovered_in_run is null
)
select last.user_id, last.sdk_app_id, last.job, last.reason, last.error_code, last.error_info, last.run_id,
       since.stale_since,
       exists (select from exported_users e
               where e.user_id = last.user_id and e.sdk_app_id = last.sdk_app_id) as has_rows
from failed last
-- Failed in each of the last n runs: the n-th failure is n runs ago.
cross join lateral (
  select min(stale_since) as stale_since
  from failed
  where user_id = last.user_id and sdk_app_id = last.sdk_app_id and job = last.job and runs_ago = failures
) since
where last.runs_ago = 1;

-- Comments: `npm run docs` writes all that follows.

comment on table conversations is
  'One conversation of a user''s contact-group list, with its marks; this list is the user''s own and not that of recent contacts';
comment on column conversations.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column conversations.sdk_app_id is
  'The app (SDKAppID)';
comment on column conversations.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it; with --pseudonymize a keyed hash of the ID';
comment on column conversations.conversation_type is
  'c2c (with a user) or group (Type 1 or 2)';
comment on column conversations.peer_id is
  'The other user, or the group (To_Account or ToGroupId); with --pseudonymize a keyed hash of the ID';
comment on column conversations.standard_mark is
  'The marks as they came, a string of 0 and 1 whose last character is bit 0 (StandardMark)';
comment on column conversations.is_starred is
  'The user marked it as a favourite: bit 0 of standard_mark; null where there is no standard_mark';
comment on column conversations.is_marked_unread is
  'The user marked it as unread, which changes no count of unread messages: bit 1 of standard_mark; null where there is no standard_mark';
comment on column conversations.is_folded is
  'The user folded it away: bit 2 of standard_mark; null where there is no standard_mark';
comment on column conversations.is_hidden is
  'The user hid it: bit 3 of standard_mark; null where there is no standard_mark';
comment on column conversations.custom_mark is
  'The app''s own mark; null when the API sent none, an empty text when it sent one (CustomMark); null with --drop-free-text';
comment on column conversations.source_updated_at is
  'When the item was last changed, as the API says; null when it says 0 or nothing (Timestamp)';
comment on column conversations.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none, and with --pseudonymize or --drop-free-text';
comment on column conversations.last_changed_run is
  'The run that last changed this row (runs.run_id)';

comment on table contact_groups is
  'One contact group of a user that the API named, empty ones too';
comment on column contact_groups.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column contact_groups.sdk_app_id is
  'The app (SDKAppID)';
comment on column contact_groups.contact_group_id is
  'The contact group; such IDs are each user''s own, so two users'' groups with one ID are two groups';
comment on column contact_groups.contact_group_name is
  'Its name (GroupName); empty with --drop-free-text';
comment on column contact_groups.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none, and with --pseudonymize or --drop-free-text';
comment on column contact_groups.last_changed_run is
  'The run that last changed this row (runs.run_id)';

comment on table memberships is
  'That a conversation is in a contact group; a conversation can be in several, and the API may never name the group, so that contact_groups has no row';
comment on column memberships.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column memberships.sdk_app_id is
  'The app (SDKAppID)';
comment on column memberships.contact_group_id is
  'The contact group; such IDs are each user''s own, so two users'' groups with one ID are two groups';
comment on column memberships.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it; with --pseudonymize a keyed hash of the ID';
comment on column memberships.last_changed_run is
  'The run that added this row (runs.run_id)';

comment on table exported_users is
  'One user who was exported whole, users without any conversation too; whoever is not here was never exported';
comment on column exported_users.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column exported_users.sdk_app_id is
  'The app (SDKAppID)';
comment on column exported_users.conversations is
  'How many conversations the user has';
comment on column exported_users.contact_groups is
  'How many contact groups the user has';
comment on column exported_users.memberships is
  'How many memberships the user has';
comment on column exported_users.last_changed_run is
  'The run that last changed any of the user''s rows (runs.run_id)';
comment on column exported_users.changed_at is
  'When that run committed them';
comment on column exported_users.content_hash is
  'A digest of the user''s rows and of what they mean, by which an unchanged user is told';

comment on table unexported_users is
  'One user of a run''s plan who was not exported in it; rows of an earlier run stay as they were';
comment on column unexported_users.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column unexported_users.sdk_app_id is
  'The app (SDKAppID)';
comment on column unexported_users.reason is
  'Why, one of: not_in_app, api_error, transient_error, invalid_page, pagination_error';
comment on column unexported_users.error_code is
  'The API''s code (ErrorCode); null when the API gave none';
comment on column unexported_users.error_info is
  'What failed, in the words of the API or of the program; with --pseudonymize of the program alone';
comment on column unexported_users.calls is
  'How many calls were made for the user';
comment on column unexported_users.run_id is
  'The run that did not export the user (runs.run_id)';
comment on column unexported_users.stale_since is
  'Since when the user failed, if since a run that is no longer kept';
comment on column unexported_users.recovered_in_run is
  'The run that exported the user afterwards, with --retry-failed; null as long as none did';

comment on table conversations_history is
  'A version of a row of conversations, kept with --history. One conversation of a user''s contact-group list, with its marks; this list is the user''s own and not that of recent contacts';
comment on column conversations_history.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column conversations_history.sdk_app_id is
  'The app (SDKAppID)';
comment on column conversations_history.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it; with --pseudonymize a keyed hash of the ID';
comment on column conversations_history.conversation_type is
  'c2c (with a user) or group (Type 1 or 2)';
comment on column conversations_history.peer_id is
  'The other user, or the group (To_Account or ToGroupId); with --pseudonymize a keyed hash of the ID';
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
  'The app''s own mark; null when the API sent none, an empty text when it sent one (CustomMark); null with --drop-free-text';
comment on column conversations_history.source_updated_at is
  'When the item was last changed, as the API says; null when it says 0 or nothing (Timestamp)';
comment on column conversations_history.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none, and with --pseudonymize or --drop-free-text';
comment on column conversations_history.valid_from is
  'From when on it was so: when the last page of the user''s pull arrived';
comment on column conversations_history.valid_to is
  'Until when it was so; null while it is so';
comment on column conversations_history.valid_from_run is
  'The run that found it so (runs.run_id)';
comment on column conversations_history.valid_to_run is
  'The run that found it otherwise (runs.run_id); null while it is so';

comment on table contact_groups_history is
  'A version of a row of contact_groups, kept with --history. One contact group of a user that the API named, empty ones too';
comment on column contact_groups_history.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column contact_groups_history.sdk_app_id is
  'The app (SDKAppID)';
comment on column contact_groups_history.contact_group_id is
  'The contact group; such IDs are each user''s own, so two users'' groups with one ID are two groups';
comment on column contact_groups_history.contact_group_name is
  'Its name (GroupName); empty with --drop-free-text';
comment on column contact_groups_history.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none, and with --pseudonymize or --drop-free-text';
comment on column contact_groups_history.valid_from is
  'From when on it was so: when the last page of the user''s pull arrived';
comment on column contact_groups_history.valid_to is
  'Until when it was so; null while it is so';
comment on column contact_groups_history.valid_from_run is
  'The run that found it so (runs.run_id)';
comment on column contact_groups_history.valid_to_run is
  'The run that found it otherwise (runs.run_id); null while it is so';

comment on table memberships_history is
  'A version of a row of memberships, kept with --history. That a conversation is in a contact group; a conversation can be in several, and the API may never name the group, so that contact_groups has no row';
comment on column memberships_history.user_id is
  'The user whose list it is (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column memberships_history.sdk_app_id is
  'The app (SDKAppID)';
comment on column memberships_history.contact_group_id is
  'The contact group; such IDs are each user''s own, so two users'' groups with one ID are two groups';
comment on column memberships_history.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it; with --pseudonymize a keyed hash of the ID';
comment on column memberships_history.valid_from is
  'From when on it was so: when the last page of the user''s pull arrived';
comment on column memberships_history.valid_to is
  'Until when it was so; null while it is so';
comment on column memberships_history.valid_from_run is
  'The run that found it so (runs.run_id)';
comment on column memberships_history.valid_to_run is
  'The run that found it otherwise (runs.run_id); null while it is so';

comment on view stale_users is
  'One user whom the last finished run of a job did not export, and whose rows, if any, are older';
comment on column stale_users.user_id is
  'The user';
comment on column stale_users.sdk_app_id is
  'The app (SDKAppID)';
comment on column stale_users.job is
  'The job';
comment on column stale_users.reason is
  'Why, as in unexported_users';
comment on column stale_users.error_code is
  'The API''s code, as in unexported_users';
comment on column stale_users.error_info is
  'What failed, as in unexported_users';
comment on column stale_users.run_id is
  'The run that did not export the user';
comment on column stale_users.stale_since is
  'When the first of the runs in a row began that did not export the user';
comment on column stale_users.has_rows is
  'Whether there are rows of an earlier run';

comment on view user_counts is
  'One exported user with counts of conversations by kind and by mark; users without any are there with 0';
comment on column user_counts.user_id is
  'The user';
comment on column user_counts.sdk_app_id is
  'The app (SDKAppID)';
comment on column user_counts.conversations is
  'All conversations';
comment on column user_counts.c2c_conversations is
  'Those with a user';
comment on column user_counts.group_conversations is
  'Those with a group';
comment on column user_counts.ungrouped_conversations is
  'Those that are in no contact group';
comment on column user_counts.starred is
  'Those that are starred';
comment on column user_counts.marked_unread is
  'Those that are marked as unread';
comment on column user_counts.folded is
  'Those that are folded';
comment on column user_counts.hidden is
  'Those that are hidden';
comment on column user_counts.contact_groups is
  'Contact groups';
comment on column user_counts.memberships is
  'Memberships';
comment on column user_counts.last_updated_at is
  'The latest source_updated_at; null where no conversation has one';

comment on view contact_group_sizes is
  'One contact group of a user with its size, empty ones and those that the API never named too';
comment on column contact_group_sizes.user_id is
  'The user';
comment on column contact_group_sizes.sdk_app_id is
  'The app (SDKAppID)';
comment on column contact_group_sizes.contact_group_id is
  'The contact group';
comment on column contact_group_sizes.contact_group_name is
  'Its name; null when the API never named it';
comment on column contact_group_sizes.conversations is
  'How many conversations are in it';

comment on view named_memberships is
  'One membership with the name of its contact group and what is known of its conversation';
comment on column named_memberships.user_id is
  'The user';
comment on column named_memberships.sdk_app_id is
  'The app (SDKAppID)';
comment on column named_memberships.contact_group_id is
  'The contact group';
comment on column named_memberships.contact_group_name is
  'Its name; null when the API never named it';
comment on column named_memberships.conversation_id is
  'The conversation';
comment on column named_memberships.conversation_type is
  'c2c or group';
comment on column named_memberships.peer_id is
  'The other user, or the group';
comment on column named_memberships.is_starred is
  'Whether the conversation is starred; null where it has no marks';
comment on column named_memberships.is_marked_unread is
  'Whether it is marked as unread; null where it has no marks';
comment on column named_memberships.is_folded is
  'Whether it is folded; null where it has no marks';
comment on column named_memberships.is_hidden is
  'Whether it is hidden; null where it has no marks';
comment on column named_memberships.source_updated_at is
  'When the conversation was last changed, as the API says';

comment on view ungrouped_conversations is
  'One conversation that is in no contact group';
comment on column ungrouped_conversations.user_id is
  'The user';
comment on column ungrouped_conversations.sdk_app_id is
  'The app (SDKAppID)';
comment on column ungrouped_conversations.conversation_id is
  'The conversation';
comment on column ungrouped_conversations.conversation_type is
  'c2c or group';
comment on column ungrouped_conversations.peer_id is
  'The other user, or the group';
comment on column ungrouped_conversations.source_updated_at is
  'When the conversation was last changed, as the API says';

comment on view conversation_marks is
  'One mark that is set on a conversation: a bit of its standard_mark that is 1';
comment on column conversation_marks.user_id is
  'The user';
comment on column conversation_marks.sdk_app_id is
  'The app (SDKAppID)';
comment on column conversation_marks.conversation_id is
  'The conversation';
comment on column conversation_marks.bit is
  'The bit, from 0, counted from the mark''s last character';
comment on column conversation_marks.mark is
  'starred, marked_unread, folded or hidden for bits 0 to 3; reserved up to bit 31; custom from bit 32 on';

comment on table runs is
  'One run: a pass over one user list; the newest --keep-runs of a job''s finished ones are kept';
comment on column runs.run_id is
  'Counts up; a later run has a higher one';
comment on column runs.job is
  'The job''s name: runs of one job follow each other';
comment on column runs.sdk_app_id is
  'The app (SDKAppID)';
comment on column runs.endpoint is
  'The address of the API';
comment on column runs.row_format is
  'The version of what the rows mean';
comment on column runs.status is
  'running (also one that was interrupted), finished, or abandoned for a fresh one';
comment on column runs.attempts is
  'How often the program was started for it';
comment on column runs.started_at is
  'When its first attempt began';
comment on column runs.last_attempt_at is
  'When its last attempt began';
comment on column runs.finished_at is
  'When all of its plan was done; null until then';
comment on column runs.stop_reason is
  'Why the last attempt ended before the run was finished: a signal, max_duration, abort, or error; null when it finished, is running, or was killed';
comment on column runs.error is
  'The message of the error that ended the last attempt; null unless stop_reason is error';
comment on column runs.users is
  'Users of the plan, each counted once';
comment on column runs.duplicates is
  'Lines of the list that repeat a user';
comment on column runs.list_digest is
  'A digest of the list, by which another list is told';
comment on column runs.chunk_size is
  'Users in a chunk, at most';
comment on column runs.second_pass_planned is
  'Whether the users who were deferred have chunks of their own by now';
comment on column runs.counts is
  'What came of it, as JSON: users exported and not, rows added, changed and removed, calls, errors by code';
comment on column runs.lines is
  'Lines of the list; they are users, users_beyond_limit, users_suppressed, duplicates, bad_lines and blank_lines together';
comment on column runs.users_beyond_limit is
  'Users of the list that --limit left out';
comment on column runs.bad_lines is
  'Lines that are no user ID';
comment on column runs.blank_lines is
  'Lines with nothing in them';
comment on column runs.retry_of_run is
  'The run whose failed users this one pulled again, with --retry-failed; null for a run of a whole list';
comment on column runs.key_fingerprint is
  'Tells the key of --pseudonymize from others, and does not tell what it is; null where IDs are as the API has them';
comment on column runs.users_suppressed is
  'Users of the list whom it left out because they are erased (chat-export erase)';
comment on column runs.free_text_dropped is
  'Whether it left out what people write (--drop-free-text)';

comment on table run_chunks is
  'One chunk of a run''s plan; with committed_at, the ledger of what is done';
comment on column run_chunks.run_id is
  'The run (runs.run_id)';
comment on column run_chunks.chunk is
  'The chunk''s number, from 1';
comment on column run_chunks.pass is
  '1, or 2 for users who were deferred to the end';
comment on column run_chunks.user_count is
  'How many users it has';
comment on column run_chunks.user_ids is
  'Who they are; with --pseudonymize each is a keyed hash, a dot and the encrypted ID; null once the run has ended';
comment on column run_chunks.deferred is
  'Who of them were deferred to the second pass; null once the run has ended';
comment on column run_chunks.counts is
  'What came of it, as JSON';
comment on column run_chunks.committed_at is
  'When its rows were committed, with this; null until then';

comment on table run_attempts is
  'What one attempt of a run saw over time';
comment on column run_attempts.run_id is
  'The run (runs.run_id)';
comment on column run_attempts.attempt is
  'The number of the attempt, from 1';
comment on column run_attempts.timeline is
  'Calls, errors, latencies and what was waited for, by buckets of time, as JSON';

comment on table history_tracking is
  'An app of which every version of the rows is kept';
comment on column history_tracking.sdk_app_id is
  'The app (SDKAppID)';
comment on column history_tracking.since_run is
  'The first run as of which the rows are known';
comment on column history_tracking.since is
  'When tracking began';

comment on table suppression_settings is
  'What the digests of an app in suppressed_users are made with';
comment on column suppression_settings.sdk_app_id is
  'The app (SDKAppID)';
comment on column suppression_settings.salt is
  'The key of the digests, in hexadecimal';
comment on column suppression_settings.key_fingerprint is
  'Tells the key of the pseudonyms that were digested from others; null where those were IDs';
comment on column suppression_settings.last_erased_at is
  'When a user of the app was last erased; row counts of earlier runs cannot be verified';

comment on table suppressed_users is
  'One user whom chat-export erase removed, and whom later runs leave out';
comment on column suppressed_users.sdk_app_id is
  'The app (SDKAppID)';
comment on column suppressed_users.digest is
  'HMAC-SHA-256, under the salt, of the user_id that rows had, in hexadecimal';
comment on column suppressed_users.as_peer is
  'Whether other users'' conversations with the user are left out, too';
comment on column suppressed_users.suppressed_at is
  'When that was asked for, for the last time';

comment on table schema_migrations is
  'One migration that this schema has had';
comment on column schema_migrations.id is
  'Counts up';
comment on column schema_migrations.name is
  'The migration''s file, without its ending';
comment on column schema_migrations.run_on is
  'When it was applied, in the time zone of the session that did';
