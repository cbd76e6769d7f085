-- What the lines of a run's user list came to: lines = users + users_beyond_limit + duplicates + bad_lines + blank_lines.

alter table runs
  add column lines              bigint,
  add column users_beyond_limit bigint not null default 0,
  add column bad_lines          bigint not null default 0,
  add column blank_lines        bigint not null default 0;

-- Of earlier runs no other lines were counted.
update runs set lines = users + duplicates;

alter table runs alter column lines set not null;
