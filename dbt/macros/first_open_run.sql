{# The first run whose users may still change while rows are read: the oldest unfinished run, by default the last run. #}
{% macro first_open_run() %}
(
  select coalesce(min(run_id) filter (where status = 'running'), max(run_id), 0)
  from {{ source('chat_export', 'runs') }}
)
{% endmacro %}
