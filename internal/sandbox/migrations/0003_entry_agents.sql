-- The agent that an entry was charged for. It stays when the agent is renamed or deleted, as a receipt does.
ALTER TABLE entries ADD COLUMN agent_id TEXT NOT NULL DEFAULT '';
ALTER TABLE entries ADD COLUMN agent_name TEXT NOT NULL DEFAULT '';
