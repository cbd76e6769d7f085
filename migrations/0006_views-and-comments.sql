-- What analysts ask for first, as views, and what every table, view and column holds, as comments.

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

-- Whose rows are older than their job's last finished run of a whole list, and since which run's beginning: neither of one that
-- mends another, nor of one that --limit kept short.
create or replace view stale_users as
with finished as (
  select run_id, sdk_app_id, job, began_at,
         row_number() over (partition by sdk_app_id, job order by run_id desc) as nights_ago
  from runs
  where status = 'finished' and mends is null and users_beyond_limit = 0
),
failed as (
  select u.user_id, u.sdk_app_id, u.reason, u.error_code, u.error_info, f.run_id, f.job, f.nights_ago,
         coalesce(u.stale_since, f.began_at) as stale_since,
         row_number() over (partition by u.user_id, u.sdk_app_id, f.job order by f.nights_ago) as failures
  from unexported_users u
  join finished f using (run_id, sdk_app_id)
  where u.mended_run is null
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
  where user_id = last.user_id and sdk_app_id = last.sdk_app_id and job = last.job and nights_ago = failures
) since
where last.nights_ago = 1;

comment on table conversations is
  'One conversation of a user''s contact-group list, with its marks; this list is the user''s own and not that of recent contacts';
comment on column conversations.user_id is
  'The user whose list it is (From_Account)';
comment on column conversations.sdk_app_id is
  'The app (SDKAppID)';
comment on column conversations.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it';
comment on column conversations.conversation_type is
  'c2c (with a user) or group (Type 1 or 2)';
comment on column conversations.peer_id is
  'The other user, or the group (To_Account or ToGroupId)';
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
  'The app''s own mark; null when the API sent none, an empty text when it sent one (CustomMark)';
comment on column conversations.source_updated_at is
  'When the item was last changed, as the API says; null when it says 0 or nothing (Timestamp)';
comment on column conversations.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none';
comment on column conversations.changed_run is
  'The run that last changed this row (runs.run_id)';

comment on table contact_groups is
  'One contact group of a user that the API named, empty ones too';
comment on column contact_groups.user_id is
  'The user whose list it is (From_Account)';
comment on column contact_groups.sdk_app_id is
  'The app (SDKAppID)';
comment on column contact_groups.contact_group_id is
  'The contact group; such IDs are each user''s own, so two users'' groups with one ID are two groups';
comment on column contact_groups.contact_group_name is
  'Its name (GroupName)';
comment on column contact_groups.extra is
  'Fields of the item that this version does not know, kept as they came; null when there are none';
comment on column contact_groups.changed_run is
  'The run that last changed this row (runs.run_id)';

comment on table memberships is
  'That a conversation is in a contact group; a conversation can be in several, and the API may never name the group, so that contact_groups has no row';
comment on column memberships.user_id is
  'The user whose list it is (From_Account)';
comment on column memberships.sdk_app_id is
  'The app (SDKAppID)';
comment on column memberships.contact_group_id is
  'The contact group; such IDs are each user''s own, so two users'' groups with one ID are two groups';
comment on column memberships.conversation_id is
  'c2c_ and the peer''s user ID, or group_ and the group''s ID, as the vendor''s SDKs write it';
comment on column memberships.changed_run is
  'The run that added this row (runs.run_id)';

comment on table exported_users is
  'One user who was exported whole, users without any conversation too; whoever is not here was never exported';
comment on column exported_users.user_id is
  'The user whose list it is (From_Account)';
comment on column exported_users.sdk_app_id is
  'The app (SDKAppID)';
comment on column exported_users.conversations is
  'How many conversations the user has';
comment on column exported_users.contact_groups is
  'How many contact groups the user has';
comment on column exported_users.memberships is
  'How many memberships the user has';
comment on column exported_users.changed_run is
  'The run that last changed any of the user''s rows (runs.run_id)';
comment on column exported_users.changed_at is
  'When that run committed them';
comment on column exported_users.content_hash is
  'A digest of the user''s rows and of what they mean, by which an unchanged user is told';

comment on table unexported_users is
  'One user of a run''s plan who was not exported in it; rows of an earlier run stay as they were';
comment on column unexported_users.user_id is
  'The user whose list it is (From_Account)';
comment on column unexported_users.sdk_app_id is
  'The app (SDKAppID)';
comment on column unexported_users.reason is
  'Why, one of: not_in_app, refused_by_api, transient_error, page_refused, paging_broken';
comment on column unexported_users.error_code is
  'The API''s code (ErrorCode); null when the API gave none';
comment on column unexported_users.error_info is
  'What failed, in the words of the API or of the program';
comment on column unexported_users.attempts is
  'How many calls were made for the user';
comment on column unexported_users.run_id is
  'The run that did not export the user (runs.run_id)';
comment on column unexported_users.stale_since is
  'Since when the user failed, if since a run that is no longer kept';
comment on column unexported_users.mended_run is
  'The run that exported the user afterwards, with --only-failed; null as long as none did';

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
comment on column runs.starts is
  'How often the program was started for it';
comment on column runs.began_at is
  'When its first start began';
comment on column runs.last_started_at is
  'When its last start began';
comment on column runs.finished_at is
  'When all of its plan was done; null until then';
comment on column runs.stopped_by is
  'Why the last start ended before the run was finished; null when nothing was left to say';
comment on column runs.users is
  'Users of the plan, each counted once';
comment on column runs.duplicates is
  'Lines of the list that repeat a user';
comment on column runs.list_digest is
  'A digest of the list, by which another list is told';
comment on column runs.chunk_size is
  'Users in a chunk, at most';
comment on column runs.second_pass_planned is
  'Whether the users who were put off have chunks of their own by now';
comment on column runs.counts is
  'What came of it, as JSON: users exported and not, rows added, changed and removed, calls, errors by code';
comment on column runs.lines is
  'Lines of the list; they are users, users_beyond_limit, duplicates, bad_lines and blank_lines together';
comment on column runs.users_beyond_limit is
  'Users of the list that --limit left out';
comment on column runs.bad_lines is
  'Lines that are no user ID';
comment on column runs.blank_lines is
  'Lines with nothing in them';
comment on column runs.mends is
  'The run whose failed users this one pulled again, with --only-failed; null for a run of a whole list';

comment on table run_chunks is
  'One chunk of a run''s plan; with committed_at, the ledger of what is done';
comment on column run_chunks.run_id is
  'The run (runs.run_id)';
comment on column run_chunks.chunk is
  'The chunk''s number, from 1';
comment on column run_chunks.pass is
  '1, or 2 for users who were put off to the end';
comment on column run_chunks.user_count is
  'How many users it has';
comment on column run_chunks.user_ids is
  'Who they are; null once the run has ended';
comment on column run_chunks.deferred is
  'Who of them was put off to the second pass; null once the run has ended';
comment on column run_chunks.counts is
  'What came of it, as JSON';
comment on column run_chunks.committed_at is
  'When its rows were committed, with this; null until then';

comment on table run_starts is
  'What one start of a run saw over time';
comment on column run_starts.run_id is
  'The run (runs.run_id)';
comment on column run_starts.start is
  'The number of the start, from 1';
comment on column run_starts.timeline is
  'Calls, errors, latencies and what was waited for, by stretches of time, as JSON';

comment on table schema_migrations is
  'One migration that this schema has had';
comment on column schema_migrations.id is
  'Counts up';
comment on column schema_migrations.name is
  'The migration''s file, without its ending';
comment on column schema_migrations.run_on is
  'When it was applied, in the time zone of the session that did';
