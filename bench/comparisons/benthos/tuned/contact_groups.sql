select user_id, contact_group_id, name from chat.contact_groups
