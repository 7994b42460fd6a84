CREATE TABLE workspace (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE account (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    -- The e-mail address in lower case: one account in the whole installation.
    email_key TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('guest', 'user', 'data_admin', 'admin', 'super_admin')),
    status TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'suspended', 'pending')),
    fields TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX account_email ON account (email_key);
CREATE INDEX account_by_name ON account (workspace_id, name, id);

CREATE TABLE session (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- Of the part that all refresh tokens of the session share, and of the part that each has new.
    family_hash BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    user_agent TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX session_by_account ON session (account_id, last_used_at);
CREATE INDEX session_by_end ON session (expires_at);

CREATE TABLE api_key (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('guest', 'user', 'data_admin', 'admin', 'super_admin')),
    prefix TEXT NOT NULL,
    hash BLOB NOT NULL,
    expires_at TEXT,
    created_at TEXT NOT NULL,
    last_used_at TEXT
) STRICT;
CREATE UNIQUE INDEX api_key_hash ON api_key (hash);
CREATE INDEX api_key_by_workspace ON api_key (workspace_id, id);

CREATE TABLE signing_key (
    id TEXT PRIMARY KEY,
    pkcs8 BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
