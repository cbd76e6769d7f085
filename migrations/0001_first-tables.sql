-- Rows of the export. The ID columns compare byte by byte, so that every language's server sorts and indexes alike;
-- user_id and sdk_app_id lead every key, so that a look-up by user uses it.

create table conversations (
  user_id           text    collate "C" not null,
  sdk_app_id        bigint  not null,
  conversation_id   text    collate "C" not null,
  conversation_type text    not null,
  peer_id           text    collate "C" not null,
  standard_mark     text,
  is_starred        boolean,
  is_marked_unread  boolean,
  is_folded         boolean,
  is_hidden         boolean,
  custom_mark       text,
  source_updated_at timestamptz,
  extra             jsonb,
  changed_run       bigint  not null,
  primary key (user_id, sdk_app_id, conversation_id)
);

create table contact_groups (
  user_id            text   collate "C" not null,
  sdk_app_id         bigint not null,
  contact_group_id   bigint not null,
  contact_group_name text   not null,
  extra              jsonb,
  changed_run        bigint not null,
  primary key (user_id, sdk_app_id, contact_group_id)
);

-- No foreign keys: a membership may name a contact group that the API never named.
create table memberships (
  user_id          text   collate "C" not null,
  sdk_app_id       bigint not null,
  contact_group_id bigint not null,
  conversation_id  text   collate "C" not null,
  changed_run      bigint not null,
  primary key (user_id, sdk_app_id, contact_group_id, conversation_id)
);

create table exported_users (
  user_id        text        collate "C" not null,
  sdk_app_id     bigint      not null,
  conversations  bigint      not null,
  contact_groups bigint      not null,
  memberships    bigint      not null,
  changed_run    bigint      not null,
  changed_at     timestamptz not null,
  content_hash   bytea       not null,
  primary key (user_id, sdk_app_id)
);

-- The runs, their plans and their ledgers.

create table runs (
  run_id              bigint      generated always as identity primary key,
  job                 text        not null,
  sdk_app_id          bigint      not null,
  endpoint            text        not null,
  row_format          integer     not null,
  status              text        not null check (status in ('running', 'finished', 'abandoned')),
  -- Starts of the program for this run. It is the fencing number too: a start that sees another one commits nothing.
  starts              integer     not null,
  began_at            timestamptz not null default now(),
  last_started_at     timestamptz not null default now(),
  finished_at         timestamptz,
  stopped_by          text,
  users               bigint      not null,
  duplicates          bigint      not null,
  list_digest         text        not null,
  chunk_size          integer     not null,
  second_pass_planned boolean     not null default false,
  counts              jsonb
);

create index runs_by_job on runs (sdk_app_id, job, run_id);

create table run_chunks (
  run_id       bigint   not null references runs on delete cascade,
  chunk        integer  not null,
  pass         smallint not null,
  user_count   integer  not null,
  -- Emptied when the run ends; the counts stay.
  user_ids     text[],
  deferred     text[],
  counts       jsonb,
  committed_at timestamptz,
  primary key (run_id, chunk)
);

create table unexported_users (
  user_id    text    collate "C" not null,
  sdk_app_id bigint  not null,
  run_id     bigint  not null references runs on delete cascade,
  reason     text    not null,
  error_code bigint,
  error_info text,
  attempts   bigint  not null,
  primary key (user_id, sdk_app_id, run_id)
);

create index unexported_users_by_run on unexported_users (run_id);

-- Whose rows are older than the last finished run of their job, and since which run's beginning.
create view stale_users as
with finished as (
  select run_id, sdk_app_id, job, began_at,
         row_number() over (partition by sdk_app_id, job order by run_id desc) as nights_ago
  from runs
  where status = 'finished'
),
failed as (
  select u.user_id, u.sdk_app_id, u.reason, u.error_code, u.error_info, f.run_id, f.job, f.began_at, f.nights_ago,
         row_number() over (partition by u.user_id, u.sdk_app_id, f.job order by f.nights_ago) as failures
  from unexported_users u
  join finished f using (run_id, sdk_app_id)
)
select last.user_id, last.sdk_app_id, last.job, last.reason, last.error_code, last.error_info, last.run_id,
       since.stale_since,
       exists (select from exported_users e
               where e.user_id = last.user_id and e.sdk_app_id = last.sdk_app_id) as has_rows
from failed last
-- Failed in each of the last n runs: the n-th failure is n runs ago.
cross join lateral (
  select min(began_at) as stale_since
  from failed
  where user_id = last.user_id and sdk_app_id = last.sdk_app_id and job = last.job and nights_ago = failures
) since
where last.nights_ago = 1;
