select _users_id,
  case type::text when '1' then 'c2c_' || to_account else 'group_' || to_group_id end
from chat.contacts
