select user_id, conversation_id, unnest("ContactGroupId")::text from chat.conversations
