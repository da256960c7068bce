-- A search counts what others keep private, to leave it out.
CREATE INDEX agents_hidden ON agents (user_id) WHERE NOT is_public;
