create table chat.contacts as
select r.*
from chat.messages,
  jsonb_to_record(message -> 'record' -> 'data') as r(
    user_id text, "Type" int, "To_Account" text, "ToGroupId" text, "StandardMark" text, "CustomMark" text,
    "ContactGroupId" jsonb, "Timestamp" bigint)
where message ->> 'type' = 'RECORD';
