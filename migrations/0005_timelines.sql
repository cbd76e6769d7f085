-- What each start of a run saw over time: calls, errors and latencies, and what it waited for. One of a start that was killed
-- is older than its end by up to a minute, or a stretch where that is longer.

create table run_starts (
  run_id   bigint  not null references runs on delete cascade,
  start    integer not null,
  -- As text: written whole, read whole, and never searched.
  timeline json    not null,
  primary key (run_id, start)
);
