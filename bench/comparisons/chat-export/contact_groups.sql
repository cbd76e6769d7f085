select user_id, contact_group_id::text, contact_group_name from chat_export.contact_groups
