select user_id, case "Type" when 1 then 'c2c_' || "To_Account" else 'group_' || "ToGroupId" end
from chat.contacts
