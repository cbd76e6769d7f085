-- Runs that pull the failed users of an earlier run again, and nobody else; and by which run a failed user was mended.

-- No foreign keys: a run that mended stays one when the earlier run's record is removed.
alter table runs add column mends bigint;
alter table unexported_users add column mended_run bigint;

-- Whose rows are older than the last finished run of their job that was not a mending one, and since which run's beginning.
create or replace view stale_users as
with finished as (
  select run_id, sdk_app_id, job, began_at,
         row_number() over (partition by sdk_app_id, job order by run_id desc) as nights_ago
  from runs
  where status = 'finished' and mends is null
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
