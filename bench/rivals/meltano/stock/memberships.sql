select user_id, conversation_id, jsonb_array_elements_text("ContactGroupId"::jsonb) from chat.conversations
