select user_id, case type when 1 then 'c2c_' || to_account else 'group_' || togroupid end
from chat.contacts
