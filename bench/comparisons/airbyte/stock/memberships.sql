-- An absent list is a JSON null.
select user_id, case type when 1 then 'c2c_' || to_account else 'group_' || togroupid end,
  jsonb_array_elements_text(contactgroupid::jsonb)
from chat.contacts
where jsonb_typeof(contactgroupid::jsonb) = 'array'
