CREATE TABLE workspace (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE account (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    -- The e-mail address in lower case: one account in the whole installation.
    email_key TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('guest', 'user', 'data_admin', 'admin', 'super_admin')),
    status TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'suspended', 'pending')),
    fields JSONB NOT NULL,
    password_hash TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX account_email ON account (email_key);
CREATE INDEX account_by_name ON account (workspace_id, name, id);

CREATE TABLE session (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- Of the part that all refresh tokens of the session share, and of the part that each has new.
    family_hash BYTEA NOT NULL,
    token_hash BYTEA NOT NULL,
    user_agent TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX session_by_account ON session (account_id, last_used_at);
CREATE INDEX session_by_end ON session (expires_at);

CREATE TABLE api_key (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('guest', 'user', 'data_admin', 'admin', 'super_admin')),
    prefix TEXT NOT NULL,
    hash BYTEA NOT NULL,
    expires_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX api_key_hash ON api_key (hash);
CREATE INDEX api_key_by_workspace ON api_key (workspace_id, id);

CREATE TABLE signing_key (
    id TEXT PRIMARY KEY,
    pkcs8 BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
