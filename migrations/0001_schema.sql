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
  content_hash     bytea,
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
  counts              jsonb,
  -- Of a run that several processes pull (--share). Each attempt sets them anew.
  is_shared           boolean     not null default false,
  api_reached         boolean     not null default false,
  deadline            timestamptz,
  exit_code           smallint,
  halted_at           timestamptz
);

create index runs_by_job on runs (sdk_app_id, job, run_id);

create table run_chunks (
  run_id       bigint      not null references runs on delete cascade,
  chunk        integer     not null,
  pass         smallint    not null,
  user_count   integer     not null,
  -- Emptied when the run ends; the counts stay. Null in place of a processed user who was erased.
  user_ids     text[],
  deferred     text[],
  counts       jsonb,
  -- How rows of earlier runs changed, as the guard of deletions counts it. Emptied when the run ends.
  changes      jsonb,
  committed_at timestamptz,
  -- Who committed it.
  attempt      integer,
  worker       integer,
  primary key (run_id, chunk)
);

create table run_attempts (
  run_id       bigint      not null references runs on delete cascade,
  attempt      integer     not null,
  -- Several processes can work on one attempt (--share).
  worker       integer     not null default 1,
  host         text,
  started_at   timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  left_at      timestamptz,
  open_chunks  integer     not null default 0,
  report       jsonb,
  calls_sent   bigint      not null default 0,
  users_done   bigint      not null default 0,
  counts       jsonb,
  -- json and not jsonb: written whole, read whole, and never searched.
  timeline     json,
  primary key (run_id, attempt, worker)
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

-- The quotas that the workers of a shared run lease slots of. Unlogged: no lease waits for a disk or a standby. After a crash of
-- the server the table is empty, and the first lease makes its row again. Never indexed beyond its key, so that the updates, some
-- twenty a second, stay in one page.

create unlogged table call_quota (
  sdk_app_id           bigint           not null,
  endpoint             text             not null,
  next_slot_at         timestamptz      not null,
  margin_ms            double precision not null,
  throttle_factor      double precision not null,
  throttled_at         timestamptz      not null,
  throttle_recovery_ms double precision not null,
  is_rate_limited      boolean          not null,
  paused_until         timestamptz      not null,
  -- The last lease. An upsert can only return what it has written.
  leased_at            timestamptz      not null,
  first_slot_at        timestamptz      not null,
  slots                integer          not null,
  slot_interval_ms     double precision not null,
  primary key (sdk_app_id, endpoint)
);

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
  'One conversation of a user''s contact-group list, with its marks. The API has another list for recent contacts';
comment on column conversations.user_id is
  'The owner of the list (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column conversations.sdk_app_id is
  'The app (SDKAppID)';
comment on column conversations.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, in the format of the vendor''s SDKs; with --pseudonymize a keyed hash of the ID';
comment on column conversations.conversation_type is
  'c2c (with a user) or group (Type 1 or 2)';
comment on column conversations.peer_id is
  'The other user, or the group (To_Account or ToGroupId); with --pseudonymize a keyed hash of the ID';
comment on column conversations.standard_mark is
  'The marks as the API sent them: a string of 0 and 1 whose last character is bit 0 (StandardMark)';
comment on column conversations.is_starred is
  'The user marked it as a favourite (bit 0 of standard_mark); null when standard_mark is null';
comment on column conversations.is_marked_unread is
  'The user marked it as unread, which does not change any count of unread messages (bit 1 of standard_mark); null when standard_mark is null';
comment on column conversations.is_folded is
  'The user folded it away (bit 2 of standard_mark); null when standard_mark is null';
comment on column conversations.is_hidden is
  'The user hid it (bit 3 of standard_mark); null when standard_mark is null';
comment on column conversations.custom_mark is
  'The app''s own mark (CustomMark); null when the API sent none, an empty text when the API sent an empty text; null with --drop-free-text';
comment on column conversations.source_updated_at is
  'When the item was last changed, according to the API (Timestamp); null when the API sends 0 or nothing';
comment on column conversations.extra is
  'Fields of the item that this version does not know, as the API sent them; null when there are none, and with --pseudonymize or --drop-free-text';
comment on column conversations.last_changed_run is
  'The run that last changed this row (runs.run_id)';

comment on table contact_groups is
  'One contact group of a user, including empty groups, if the API named it';
comment on column contact_groups.user_id is
  'The owner of the list (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column contact_groups.sdk_app_id is
  'The app (SDKAppID)';
comment on column contact_groups.contact_group_id is
  'The ID of the contact group. It is unique only within one user: groups of two users with the same ID are different groups';
comment on column contact_groups.contact_group_name is
  'The name (GroupName); empty with --drop-free-text';
comment on column contact_groups.extra is
  'Fields of the item that this version does not know, as the API sent them; null when there are none, and with --pseudonymize or --drop-free-text';
comment on column contact_groups.last_changed_run is
  'The run that last changed this row (runs.run_id)';

comment on table memberships is
  'A conversation''s membership in a contact group. A conversation can be in several groups. If the API never names a group, contact_groups has no row for it';
comment on column memberships.user_id is
  'The owner of the list (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column memberships.sdk_app_id is
  'The app (SDKAppID)';
comment on column memberships.contact_group_id is
  'The ID of the contact group. It is unique only within one user: groups of two users with the same ID are different groups';
comment on column memberships.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, in the format of the vendor''s SDKs; with --pseudonymize a keyed hash of the ID';
comment on column memberships.last_changed_run is
  'The run that added this row (runs.run_id)';

comment on table exported_users is
  'One user who was exported completely, including users without conversations. A user who is not here was never exported';
comment on column exported_users.user_id is
  'The owner of the list (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column exported_users.sdk_app_id is
  'The app (SDKAppID)';
comment on column exported_users.conversations is
  'The number of conversations of the user';
comment on column exported_users.contact_groups is
  'The number of contact groups of the user';
comment on column exported_users.memberships is
  'The number of memberships of the user';
comment on column exported_users.last_changed_run is
  'The run that last changed any of the user''s rows (runs.run_id)';
comment on column exported_users.changed_at is
  'When that run committed the change';
comment on column exported_users.content_hash is
  'A digest of the user''s rows and of their format, to detect an unchanged user; null after chat-export erase removed some of the rows, until the next run';

comment on table unexported_users is
  'One user of a run''s plan whom the run did not export. Rows of an earlier run are unchanged';
comment on column unexported_users.user_id is
  'The owner of the list (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column unexported_users.sdk_app_id is
  'The app (SDKAppID)';
comment on column unexported_users.reason is
  'The reason, one of: not_in_app, api_error, transient_error, invalid_page, pagination_error';
comment on column unexported_users.error_code is
  'The API''s code (ErrorCode); null when the API gave none';
comment on column unexported_users.error_info is
  'What failed: a message of the API or of the program; with --pseudonymize of the program only';
comment on column unexported_users.calls is
  'The number of API calls for the user';
comment on column unexported_users.run_id is
  'The run that did not export the user (runs.run_id)';
comment on column unexported_users.stale_since is
  'Since when the user has failed, if that is before the oldest run whose record is kept';
comment on column unexported_users.recovered_in_run is
  'The retry run (--retry-failed) that exported the user later; null until then';

comment on table conversations_history is
  'One version of a row of conversations, kept with --history. One conversation of a user''s contact-group list, with its marks. The API has another list for recent contacts';
comment on column conversations_history.user_id is
  'The owner of the list (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column conversations_history.sdk_app_id is
  'The app (SDKAppID)';
comment on column conversations_history.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, in the format of the vendor''s SDKs; with --pseudonymize a keyed hash of the ID';
comment on column conversations_history.conversation_type is
  'c2c (with a user) or group (Type 1 or 2)';
comment on column conversations_history.peer_id is
  'The other user, or the group (To_Account or ToGroupId); with --pseudonymize a keyed hash of the ID';
comment on column conversations_history.standard_mark is
  'The marks as the API sent them: a string of 0 and 1 whose last character is bit 0 (StandardMark)';
comment on column conversations_history.is_starred is
  'The user marked it as a favourite (bit 0 of standard_mark); null when standard_mark is null';
comment on column conversations_history.is_marked_unread is
  'The user marked it as unread, which does not change any count of unread messages (bit 1 of standard_mark); null when standard_mark is null';
comment on column conversations_history.is_folded is
  'The user folded it away (bit 2 of standard_mark); null when standard_mark is null';
comment on column conversations_history.is_hidden is
  'The user hid it (bit 3 of standard_mark); null when standard_mark is null';
comment on column conversations_history.custom_mark is
  'The app''s own mark (CustomMark); null when the API sent none, an empty text when the API sent an empty text; null with --drop-free-text';
comment on column conversations_history.source_updated_at is
  'When the item was last changed, according to the API (Timestamp); null when the API sends 0 or nothing';
comment on column conversations_history.extra is
  'Fields of the item that this version does not know, as the API sent them; null when there are none, and with --pseudonymize or --drop-free-text';
comment on column conversations_history.valid_from is
  'The start of the version: when the last page of the user''s pull arrived';
comment on column conversations_history.valid_to is
  'The end of the version; null for the current version';
comment on column conversations_history.valid_from_run is
  'The run that found this version (runs.run_id)';
comment on column conversations_history.valid_to_run is
  'The run that found the next version, or no row (runs.run_id); null for the current version';

comment on table contact_groups_history is
  'One version of a row of contact_groups, kept with --history. One contact group of a user, including empty groups, if the API named it';
comment on column contact_groups_history.user_id is
  'The owner of the list (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column contact_groups_history.sdk_app_id is
  'The app (SDKAppID)';
comment on column contact_groups_history.contact_group_id is
  'The ID of the contact group. It is unique only within one user: groups of two users with the same ID are different groups';
comment on column contact_groups_history.contact_group_name is
  'The name (GroupName); empty with --drop-free-text';
comment on column contact_groups_history.extra is
  'Fields of the item that this version does not know, as the API sent them; null when there are none, and with --pseudonymize or --drop-free-text';
comment on column contact_groups_history.valid_from is
  'The start of the version: when the last page of the user''s pull arrived';
comment on column contact_groups_history.valid_to is
  'The end of the version; null for the current version';
comment on column contact_groups_history.valid_from_run is
  'The run that found this version (runs.run_id)';
comment on column contact_groups_history.valid_to_run is
  'The run that found the next version, or no row (runs.run_id); null for the current version';

comment on table memberships_history is
  'One version of a row of memberships, kept with --history. A conversation''s membership in a contact group. A conversation can be in several groups. If the API never names a group, contact_groups has no row for it';
comment on column memberships_history.user_id is
  'The owner of the list (From_Account); with --pseudonymize a keyed hash of the ID';
comment on column memberships_history.sdk_app_id is
  'The app (SDKAppID)';
comment on column memberships_history.contact_group_id is
  'The ID of the contact group. It is unique only within one user: groups of two users with the same ID are different groups';
comment on column memberships_history.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, in the format of the vendor''s SDKs; with --pseudonymize a keyed hash of the ID';
comment on column memberships_history.valid_from is
  'The start of the version: when the last page of the user''s pull arrived';
comment on column memberships_history.valid_to is
  'The end of the version; null for the current version';
comment on column memberships_history.valid_from_run is
  'The run that found this version (runs.run_id)';
comment on column memberships_history.valid_to_run is
  'The run that found the next version, or no row (runs.run_id); null for the current version';

comment on view stale_users is
  'One user whom the last finished run of a job did not export. The rows of this user, if any, are older';
comment on column stale_users.user_id is
  'The user';
comment on column stale_users.sdk_app_id is
  'The app (SDKAppID)';
comment on column stale_users.job is
  'The job';
comment on column stale_users.reason is
  'The reason, as in unexported_users';
comment on column stale_users.error_code is
  'The API''s code, as in unexported_users';
comment on column stale_users.error_info is
  'What failed, as in unexported_users';
comment on column stale_users.run_id is
  'The run that did not export the user';
comment on column stale_users.stale_since is
  'When the first of the consecutive runs that did not export the user started';
comment on column stale_users.has_rows is
  'Whether the user has rows of an earlier run';

comment on view user_counts is
  'One exported user with counts of conversations by type and by mark, including users without conversations';
comment on column user_counts.user_id is
  'The user';
comment on column user_counts.sdk_app_id is
  'The app (SDKAppID)';
comment on column user_counts.conversations is
  'The number of conversations';
comment on column user_counts.c2c_conversations is
  'Conversations with a user';
comment on column user_counts.group_conversations is
  'Conversations with a group';
comment on column user_counts.ungrouped_conversations is
  'Conversations in no contact group';
comment on column user_counts.starred is
  'Conversations marked as starred';
comment on column user_counts.marked_unread is
  'Conversations marked as unread';
comment on column user_counts.folded is
  'Conversations marked as folded';
comment on column user_counts.hidden is
  'Conversations marked as hidden';
comment on column user_counts.contact_groups is
  'The number of contact groups';
comment on column user_counts.memberships is
  'The number of memberships';
comment on column user_counts.last_updated_at is
  'The latest source_updated_at; null when no conversation has one';

comment on view contact_group_sizes is
  'One contact group of a user with its size, including empty groups and groups that the API never named';
comment on column contact_group_sizes.user_id is
  'The user';
comment on column contact_group_sizes.sdk_app_id is
  'The app (SDKAppID)';
comment on column contact_group_sizes.contact_group_id is
  'The contact group';
comment on column contact_group_sizes.contact_group_name is
  'Its name; null when the API never named it';
comment on column contact_group_sizes.conversations is
  'The number of conversations in the group';

comment on view named_memberships is
  'One membership with the name of its contact group and the marks of its conversation';
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
  'Whether the conversation is starred; null when it has no marks';
comment on column named_memberships.is_marked_unread is
  'Whether it is marked as unread; null when it has no marks';
comment on column named_memberships.is_folded is
  'Whether it is folded; null when it has no marks';
comment on column named_memberships.is_hidden is
  'Whether it is hidden; null when it has no marks';
comment on column named_memberships.source_updated_at is
  'When the conversation was last changed, according to the API';

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
  'When the conversation was last changed, according to the API';

comment on view conversation_marks is
  'One mark that is set on a conversation: one bit of standard_mark with the value 1';
comment on column conversation_marks.user_id is
  'The user';
comment on column conversation_marks.sdk_app_id is
  'The app (SDKAppID)';
comment on column conversation_marks.conversation_id is
  'The conversation';
comment on column conversation_marks.bit is
  'The number of the bit, from 0 for the last character of standard_mark';
comment on column conversation_marks.mark is
  'starred, marked_unread, folded or hidden for bits 0 to 3; reserved for bits 4 to 31; custom from bit 32 on';

comment on table runs is
  'One run: an export of one user list. The newest --keep-runs finished runs of a job are kept';
comment on column runs.run_id is
  'The number of the run; a later run has a higher number';
comment on column runs.job is
  'The name of the job';
comment on column runs.sdk_app_id is
  'The app (SDKAppID)';
comment on column runs.endpoint is
  'The address of the API';
comment on column runs.row_format is
  'The version of the row format';
comment on column runs.status is
  'running (also when interrupted), finished, or abandoned (a new run was started instead)';
comment on column runs.attempts is
  'The number of attempts: how often the program was started for the run';
comment on column runs.started_at is
  'When the first attempt started';
comment on column runs.last_attempt_at is
  'When the last attempt started';
comment on column runs.finished_at is
  'When all users of the plan were processed; null until then';
comment on column runs.stop_reason is
  'Why the last attempt ended before the run was finished: a signal, max_duration, abort, guard, or error; null when it finished, is running, or was killed';
comment on column runs.error is
  'The message of the error that ended the last attempt; null unless stop_reason is error or guard';
comment on column runs.users is
  'The number of users of the plan, each counted once';
comment on column runs.duplicates is
  'The number of lines that repeat a user';
comment on column runs.list_digest is
  'A digest of the list, to detect a changed list';
comment on column runs.chunk_size is
  'The maximum number of users in a chunk';
comment on column runs.second_pass_planned is
  'Whether the deferred users have been put into chunks of the second pass';
comment on column runs.counts is
  'The result as JSON: users exported and not exported, rows added, changed and removed, calls, errors by code';
comment on column runs.lines is
  'The number of lines of the list: the sum of users, users_beyond_limit, users_suppressed, duplicates, bad_lines and blank_lines';
comment on column runs.users_beyond_limit is
  'The number of users of the list beyond --limit';
comment on column runs.bad_lines is
  'The number of lines without a valid user ID';
comment on column runs.blank_lines is
  'The number of empty lines';
comment on column runs.retry_of_run is
  'The run whose failed users this run retried (--retry-failed); null for a run of a whole list';
comment on column runs.key_fingerprint is
  'Identifies the key of --pseudonymize without revealing it; null when IDs are not pseudonymized';
comment on column runs.users_suppressed is
  'The number of users of the list whom the run left out because they were erased (chat-export erase)';
comment on column runs.free_text_dropped is
  'Whether the run left out free text (--drop-free-text)';
comment on column runs.is_shared is
  'Whether several processes may pull the run (--share)';
comment on column runs.api_reached is
  'Whether the API has accepted a call of the last attempt; only of a shared run';
comment on column runs.deadline is
  'When --max-duration ends the last attempt; null without it, and for a run that is not shared';
comment on column runs.exit_code is
  'The exit code with which one process ended the last attempt for all of them; null otherwise';
comment on column runs.halted_at is
  'When that was';

comment on table run_chunks is
  'One chunk of a run''s plan. With committed_at, this table is the ledger of processed chunks';
comment on column run_chunks.run_id is
  'The run (runs.run_id)';
comment on column run_chunks.chunk is
  'The number of the chunk, from 1';
comment on column run_chunks.pass is
  '1, or 2 for users who were deferred to the second pass';
comment on column run_chunks.user_count is
  'The number of users of the chunk';
comment on column run_chunks.user_ids is
  'The user IDs; with --pseudonymize each is a keyed hash, a dot and the encrypted ID; an element is null when its user was erased; null once the run has ended';
comment on column run_chunks.deferred is
  'The users who were deferred to the second pass; null once the run has ended';
comment on column run_chunks.counts is
  'The result as JSON';
comment on column run_chunks.changes is
  'How many users had rows of earlier runs, and how many users and rows are lost, as JSON; null without earlier rows, and once the run has ended';
comment on column run_chunks.committed_at is
  'When the rows of the chunk were committed, in the same transaction; null until then';
comment on column run_chunks.attempt is
  'The attempt that committed the chunk';
comment on column run_chunks.worker is
  'The process of the attempt that committed the chunk (run_attempts.worker)';

comment on table run_attempts is
  'One process that worked on an attempt of a run. Without --share, an attempt is one process';
comment on column run_attempts.run_id is
  'The run (runs.run_id)';
comment on column run_attempts.attempt is
  'The number of the attempt, from 1';
comment on column run_attempts.worker is
  'The number of the process in the attempt, from 1';
comment on column run_attempts.host is
  'The host and the process number; null without --share';
comment on column run_attempts.started_at is
  'When the process began to work on the run';
comment on column run_attempts.last_seen_at is
  'When the process was last seen at work; only with --share';
comment on column run_attempts.left_at is
  'When the process left the attempt; null until then, and if it was killed; only with --share';
comment on column run_attempts.report is
  'What the other processes need to know, as JSON: chunks that do not wait for a guard, the changes of chunks that wait, and when the API last answered; only with --share';
comment on column run_attempts.open_chunks is
  'The number of chunks that the process had claimed when it was last seen; only with --share';
comment on column run_attempts.calls_sent is
  'The number of calls that the process had made when it was last seen; only with --share';
comment on column run_attempts.users_done is
  'The number of users whom the process has committed; only with --share';
comment on column run_attempts.counts is
  'What the process has committed, as JSON; only with --share';
comment on column run_attempts.timeline is
  'Calls, errors, latencies and the bottleneck, in buckets of time, as JSON';

comment on table call_quota is
  'The call quota of one app at one address of the API, which the processes of a shared run lease slots of. It is empty after a crash of the server';
comment on column call_quota.sdk_app_id is
  'The app (SDKAppID)';
comment on column call_quota.endpoint is
  'The address of the API';
comment on column call_quota.next_slot_at is
  'The next slot that is free';
comment on column call_quota.margin_ms is
  'The margin of all processes, in milliseconds: the widest that one of them needs';
comment on column call_quota.throttle_factor is
  'The share of the rate right after the last cut or the start';
comment on column call_quota.throttled_at is
  'When that was';
comment on column call_quota.throttle_recovery_ms is
  'How long the whole rate takes to return, in milliseconds';
comment on column call_quota.is_rate_limited is
  'Whether rate-limit errors caused the cut; false for the start';
comment on column call_quota.paused_until is
  'No process calls before this time: the API asked to wait, or answered with a rate-limit error; -infinity without a wait';
comment on column call_quota.leased_at is
  'When slots were last leased';
comment on column call_quota.first_slot_at is
  'The first slot of the last lease';
comment on column call_quota.slots is
  'The number of slots of the last lease';
comment on column call_quota.slot_interval_ms is
  'The time between two slots of the last lease, in milliseconds';

comment on table history_tracking is
  'One app for which every version of the rows is kept';
comment on column history_tracking.sdk_app_id is
  'The app (SDKAppID)';
comment on column history_tracking.since_run is
  'The first run for which the versions are known';
comment on column history_tracking.since is
  'When tracking began';

comment on table suppression_settings is
  'The salt and key of the digests of one app in suppressed_users';
comment on column suppression_settings.sdk_app_id is
  'The app (SDKAppID)';
comment on column suppression_settings.salt is
  'The key of the digests, in hexadecimal';
comment on column suppression_settings.key_fingerprint is
  'Identifies the key of the pseudonyms in the digests; null when the digests are of IDs';
comment on column suppression_settings.last_erased_at is
  'When a user of the app was last erased; row counts of earlier runs cannot be verified';

comment on table suppressed_users is
  'One user whom chat-export erase removed. Later runs leave the user out';
comment on column suppressed_users.sdk_app_id is
  'The app (SDKAppID)';
comment on column suppressed_users.digest is
  'HMAC-SHA-256, under the salt, of the user_id that the rows had, in hexadecimal';
comment on column suppressed_users.as_peer is
  'Whether other users'' conversations with the user are left out, too';
comment on column suppressed_users.suppressed_at is
  'When the user was last erased';

comment on table schema_migrations is
  'One migration that was applied to this schema';
comment on column schema_migrations.id is
  'The number of the migration';
comment on column schema_migrations.name is
  'The file of the migration, without its extension';
comment on column schema_migrations.run_on is
  'When the migration was applied, in the time zone of the session that applied it';
