-- What was set of an agent, each time that it was. The one of the highest number is in force.
CREATE TABLE agent_revisions (
    id            TEXT PRIMARY KEY,
    agent_id      TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    configuration TEXT NOT NULL,
    restored_from TEXT,
    created_at    INTEGER NOT NULL,
    UNIQUE (agent_id, number)
) STRICT;

ALTER TABLE agents ADD COLUMN accept_from TEXT;
ALTER TABLE agents ADD COLUMN talk_to TEXT;
ALTER TABLE agents ADD COLUMN enabled_tools TEXT;

-- The history of agents that are older than this table begins with how they are found.
INSERT INTO agent_revisions (id, agent_id, number, configuration, created_at)
SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' ||
    substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))), id, 1,
    json_object('instructions', instructions, 'model', model, 'description', description, 'intents', json(intents),
    'capabilities', json(capabilities), 'isPublic', json(iif(is_public, 'true', 'false')),
    'canTalkToOtherAgents', json(iif(can_talk_to_others, 'true', 'false')),
    'otherAgentsCanTalk', json(iif(others_can_talk, 'true', 'false')), 'greetingMessage', greeting_message,
    'suggestedActions', json(suggested_actions), 'skills', json(iif(json_valid(skills), skills, 'null')),
    'acceptFrom', NULL, 'talkTo', NULL, 'enabledTools', NULL), updated_at
FROM agents;

ALTER TABLE integrations ADD COLUMN agent_id TEXT REFERENCES agents (id) ON DELETE CASCADE;
CREATE INDEX integrations_by_owner ON integrations (user_id, agent_id, created_at);

-- What an agent may spend of its owner's credits, and what it has spent.
CREATE TABLE spending_overrides (
    id            TEXT PRIMARY KEY,
    user_id       TEXT NOT NULL REFERENCES users (id),
    agent_id      TEXT NOT NULL UNIQUE REFERENCES agents (id) ON DELETE CASCADE,
    limit_daily   INTEGER,
    limit_total   INTEGER,
    limit_per_use INTEGER,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX spending_overrides_by_owner ON spending_overrides (user_id, created_at);

CREATE TABLE agent_spending (
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    nano     INTEGER NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX agent_spending_by_agent ON agent_spending (agent_id, at);
