select p._users_id,
  case c.type::text when '1' then 'c2c_' || c.to_account else 'group_' || c.to_group_id end
from chat.pages p
join chat.pages__contact_item c on c._dlt_parent_id = p._dlt_id
