{# From which run on users may still change, as rows are read: the oldest run under way, or else the last one. #}
{% macro first_open_run() %}
(
  select coalesce(min(run_id) filter (where status = 'running'), max(run_id), 0)
  from {{ source('chat_export', 'runs') }}
)
{% endmacro %}
