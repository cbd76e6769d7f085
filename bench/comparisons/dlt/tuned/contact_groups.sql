-- Distinct: some users' pages name all groups again and again.
select distinct p._users_id, g.group_id::text, g.group_name
from chat.pages p
join chat.pages__group_item g on g._dlt_parent_id = p._dlt_id
