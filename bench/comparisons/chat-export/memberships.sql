select user_id, conversation_id, contact_group_id::text from chat_export.memberships
