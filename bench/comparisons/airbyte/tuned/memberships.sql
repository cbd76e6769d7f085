select user_id, case "Type" when 1 then 'c2c_' || "To_Account" else 'group_' || "ToGroupId" end,
  jsonb_array_elements_text("ContactGroupId")
from chat.contacts
where jsonb_typeof("ContactGroupId") = 'array'
