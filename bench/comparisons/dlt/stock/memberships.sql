select c._users_id,
  case c.type::text when '1' then 'c2c_' || c.to_account else 'group_' || c.to_group_id end,
  g.value::text
from chat.contacts c
join chat.contacts__contact_group_id g on g._dlt_parent_id = c._dlt_id
