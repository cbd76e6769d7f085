select user_id, conversation_id, jsonb_array_elements_text(contact_group_ids)
from chat.conversations
where jsonb_typeof(contact_group_ids) = 'array'
