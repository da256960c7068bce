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
    key_serial             INTEGER NOT NULL DEFAULT 0,
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

-- The ledger. An entry moves value between accounts; its postings add up to zero. The balance of an account is the sum
-- of its postings; the table accounts keeps it at hand and refuses a balance below zero.
CREATE TABLE entries (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL CHECK (kind IN ('addition', 'usage', 'transfer')),
    description TEXT NOT NULL,
    source      TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    nano INTEGER NOT NULL,
    CHECK (nano >= 0 OR name = 'external')
) STRICT, WITHOUT ROWID;

CREATE TABLE postings (
    account TEXT NOT NULL,
    entry   INTEGER NOT NULL REFERENCES entries (sequence),
    nano    INTEGER NOT NULL CHECK (nano <> 0),
    PRIMARY KEY (account, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX postings_by_entry ON postings (entry);
CREATE TRIGGER postings_add_up AFTER INSERT ON postings BEGIN
    INSERT INTO accounts (name, nano) VALUES (new.account, 0) ON CONFLICT (name) DO NOTHING;
    UPDATE accounts SET nano = nano + new.nano WHERE name = new.account;
END;
CREATE TRIGGER postings_are_final_update BEFORE UPDATE ON postings BEGIN
    SELECT RAISE (ABORT, 'a posting is never changed');
END;
CREATE TRIGGER postings_are_final_delete BEFORE DELETE ON postings BEGIN
    SELECT RAISE (ABORT, 'a posting is never removed');
END;
CREATE TRIGGER entries_are_final_update BEFORE UPDATE ON entries BEGIN
    SELECT RAISE (ABORT, 'an entry is never changed');
END;
CREATE TRIGGER entries_are_final_delete BEFORE DELETE ON entries BEGIN
    SELECT RAISE (ABORT, 'an entry is never removed');
END;

-- Payment tokens hold value in the account token:ID, locks in lock:ID.
CREATE TABLE payment_tokens (
    id          TEXT PRIMARY KEY,
    user_id     TEXT NOT NULL REFERENCES users (id),
    parent_id   TEXT REFERENCES payment_tokens (id),
    audience    TEXT NOT NULL,
    max_depth   INTEGER NOT NULL,
    budget_nano INTEGER NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('active', 'revoked', 'expired')),
    secret_hash BLOB,
    delegated_by TEXT,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX payment_tokens_by_owner ON payment_tokens (user_id, created_at);
CREATE INDEX payment_tokens_by_parent ON payment_tokens (parent_id);
CREATE INDEX payment_tokens_by_end ON payment_tokens (status, expires_at);

CREATE TABLE locks (
    id         TEXT PRIMARY KEY,
    token_id   TEXT NOT NULL REFERENCES payment_tokens (id),
    payee_id   TEXT NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('active', 'settled', 'released')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX locks_by_token ON locks (token_id, status);
CREATE INDEX locks_by_end ON locks (status, expires_at);

CREATE TABLE idempotency (
    user_id    TEXT NOT NULL,
    key        TEXT NOT NULL,
    digest     BLOB NOT NULL,
    target     TEXT NOT NULL,
    answer     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE intents (
    id          TEXT PRIMARY KEY,
    agent_id    TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    text        TEXT NOT NULL,
    description TEXT NOT NULL,
    url         TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    UNIQUE (agent_id, text)
) STRICT;

CREATE TABLE access_tokens (
    id             TEXT PRIMARY KEY,
    user_id        TEXT NOT NULL REFERENCES users (id),
    name           TEXT NOT NULL,
    hash           BLOB NOT NULL UNIQUE,
    limit_daily    INTEGER,
    limit_total    INTEGER,
    limit_per_use  INTEGER,
    expires_at     INTEGER,
    created_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE access_token_spending (
    token_id TEXT NOT NULL REFERENCES access_tokens (id) ON DELETE CASCADE,
    nano     INTEGER NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX access_token_spending_by_token ON access_token_spending (token_id, at);

CREATE TABLE integrations (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id),
    name       TEXT NOT NULL,
    type       TEXT NOT NULL,
    protocol   TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE conversations (
    id         TEXT PRIMARY KEY,
    agent_id   TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    session_id TEXT NOT NULL,
    messages   TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_by_agent ON conversations (agent_id, updated_at);

CREATE TABLE functions (
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    manifest TEXT NOT NULL,
    source   TEXT NOT NULL,
    PRIMARY KEY (agent_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriptions (
    id           TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL REFERENCES users (id),
    query        TEXT NOT NULL,
    threshold    REAL NOT NULL,
    callback_url TEXT NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
