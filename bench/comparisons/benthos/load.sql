create table chat.conversations as
select answer ->> 'user' as user_id,
  case item ->> 'Type' when '1' then 'c2c_' || (item ->> 'To_Account') else 'group_' || (item ->> 'ToGroupId') end
    as conversation_id,
  item ->> 'StandardMark' as standard_mark,
  item ->> 'CustomMark' as custom_mark,
  item -> 'ContactGroupId' as contact_group_ids,
  to_timestamp((item ->> 'Timestamp')::bigint) as updated_at
from chat.answers, jsonb_array_elements(answer -> 'items') as item;

create table chat.contact_groups as
select distinct answer ->> 'user' as user_id, item ->> 'GroupId' as contact_group_id, item ->> 'GroupName' as name
from chat.answers, jsonb_array_elements(answer -> 'groups') as item;
