{#
  Every conversation with its contact groups. All rows of a user who changed are rewritten. Users who are no longer exported
  are removed. A run commits over hours, and runs of two apps overlap. So each build reads all users who changed since the
  oldest run that was unfinished at the last build.
#}
{{ config(
  materialized = 'incremental',
  incremental_strategy = 'append',
  pre_hook = "
    {% if is_incremental() %}
      delete from {{ this }} old
      where not exists (
        select 1
        from {{ source('chat_export', 'exported_users') }} same
        where same.user_id = old.user_id and same.sdk_app_id = old.sdk_app_id
          and same.last_changed_run < (select max(read_up_to) from {{ this }})
      )
    {% endif %}
  "
) }}

select
  c.user_id,
  c.sdk_app_id,
  c.conversation_id,
  c.conversation_type,
  c.peer_id,
  c.is_starred,
  c.source_updated_at,
  array_agg(m.contact_group_name order by m.contact_group_id) filter (where m.contact_group_name is not null)
    as contact_groups,
  {{ first_open_run() }} as read_up_to
from {{ source('chat_export', 'conversations') }} c
join {{ source('chat_export', 'exported_users') }} e using (user_id, sdk_app_id)
left join {{ source('chat_export', 'named_memberships') }} m using (user_id, sdk_app_id, conversation_id)
{% if is_incremental() %}
where not exists (
  select 1 from {{ this }} old where old.user_id = c.user_id and old.sdk_app_id = c.sdk_app_id
)
{% endif %}
group by c.user_id, c.sdk_app_id, c.conversation_id, c.conversation_type, c.peer_id, c.is_starred, c.source_updated_at
