select user_id, conversation_id from chat.conversations
