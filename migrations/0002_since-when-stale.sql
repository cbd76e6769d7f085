-- Old runs are removed, but not since when a user has failed: the oldest run that is kept takes it over.

alter table unexported_users add column stale_since timestamptz;

-- Whose rows are older than the last finished run of their job, and since which run's beginning.
create or replace view stale_users as
with finished as (
  select run_id, sdk_app_id, job, began_at,
         row_number() over (partition by sdk_app_id, job order by run_id desc) as nights_ago
  from runs
  where status = 'finished'
),
failed as (
  select u.user_id, u.sdk_app_id, u.reason, u.error_code, u.error_info, f.run_id, f.job, f.nights_ago,
         coalesce(u.stale_since, f.began_at) as stale_since,
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
  select min(stale_since) as stale_since
  from failed
  where user_id = last.user_id and sdk_app_id = last.sdk_app_id and job = last.job and nights_ago = failures
) since
where last.nights_ago = 1;
