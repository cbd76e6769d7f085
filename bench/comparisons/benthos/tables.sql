create schema chat;
create unlogged table chat.answers (answer jsonb);
