CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL UNIQUE,
    role          TEXT NOT NULL,
    plan_name     TEXT NOT NULL,
    referral_code TEXT NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE agents (
    row                    INTEGER PRIMARY KEY,
    id                     TEXT NOT NULL UNIQUE,
    user_id                TEXT NOT NULL REFERENCES users (id),
    name                   TEXT NOT NULL UNIQUE COLLATE NOCASE,
    description            TEXT NOT NULL,
    instructions           TEXT NOT NULL,
    model                  TEXT NOT NULL,
    intents                TEXT NOT NULL,
    capabilities           TEXT NOT NULL,
    is_public              INTEGER NOT NULL,
    can_talk_to_others     INTEGER NOT NULL,
    others_can_talk        INTEGER NOT NULL,
    credits_per_token_nano INTEGER,
    minimum_balance_nano   INTEGER,
    pricing_percent        TEXT,
    avatar_url             TEXT NOT NULL,
    greeting_message       TEXT NOT NULL,
    suggested_actions      TEXT NOT NULL,
    skills                 TEXT,
    created_at             INTEGER NOT NULL,
    updated_at             INTEGER NOT NULL
) STRICT;
CREATE INDEX agents_by_owner ON agents (user_id, created_at, id);

CREATE VIRTUAL TABLE agents_search USING fts5 (
    name, description, intents, capabilities,
    content = 'agents', content_rowid = 'row', tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER agents_search_insert AFTER INSERT ON agents BEGIN
    INSERT INTO agents_search (rowid, name, description, intents, capabilities)
    VALUES (new.row, new.name, new.description, new.intents, new.capabilities);
END;
CREATE TRIGGER agents_search_delete AFTER DELETE ON agents BEGIN
    INSERT INTO agents_search (agents_search, rowid, name, description, intents, capabilities)
    VALUES ('delete', old.row, old.name, old.description, old.intents, old.capabilities);
END;
CREATE TRIGGER agents_search_update AFTER UPDATE ON agents BEGIN
    INSERT INTO agents_search (agents_search, rowid, name, description, intents, capabilities)
    VALUES ('delete', old.row, old.name, old.description, old.intents, old.capabilities);
    INSERT INTO agents_search (rowid, name, description, intents, capabilities)
    VALUES (new.row, new.name, new.description, new.intents, new.capabilities);
END;

CREATE TABLE api_keys (
    id           TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL REFERENCES users (id),
    agent_id     TEXT REFERENCES agents (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    prefix       TEXT NOT NULL,
    hash         BLOB NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX api_keys_by_owner ON api_keys (user_id, created_at);

CREATE TABLE content (
    id           TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL REFERENCES users (id),
    agent_id     TEXT REFERENCES agents (id) ON DELETE SET NULL,
    name         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size         INTEGER NOT NULL,
    sha256       BLOB NOT NULL,
    visibility   TEXT NOT NULL,
    description  TEXT NOT NULL,
    tags         TEXT NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX content_by_owner ON content (user_id, created_at, id);

-- Every change of a balance is a row. A balance is the sum of its owner's rows and is stored nowhere else.
CREATE TABLE transactions (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    user_id     TEXT NOT NULL REFERENCES users (id),
    type        TEXT NOT NULL CHECK (type IN ('addition', 'usage', 'transfer')),
    amount_nano INTEGER NOT NULL CHECK (amount_nano <> 0),
    description TEXT NOT NULL,
    source      TEXT NOT NULL,
    status      TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX transactions_by_owner ON transactions (user_id, created_at, sequence);
CREATE TRIGGER transactions_are_final_update BEFORE UPDATE ON transactions BEGIN
    SELECT RAISE (ABORT, 'a transaction is never changed');
END;
CREATE TRIGGER transactions_are_final_delete BEFORE DELETE ON transactions BEGIN
    SELECT RAISE (ABORT, 'a transaction is never removed');
END;
