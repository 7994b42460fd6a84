-- Apps that act for users or for themselves (OAuth 2.1).
CREATE TABLE oauth_client (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    name TEXT NOT NULL,
    fields JSONB NOT NULL,
    -- Of a confidential app alone.
    secret_hash BYTEA,
    -- The session that the tokens name which it gets for itself; with another one they end.
    session_id UUID NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX oauth_client_by_name ON oauth_client (workspace_id, name, id);

-- What users have allowed apps.
CREATE TABLE oauth_consent (
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    client_id UUID NOT NULL REFERENCES oauth_client (id) ON DELETE CASCADE,
    workspace_id UUID NOT NULL,
    scope TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, client_id)
);

-- What an app gets for the browser's way back and exchanges for tokens, once. Kept longer than it is good: who brings it again has stolen it.
CREATE TABLE oauth_code (
    hash BYTEA PRIMARY KEY,
    client_id UUID NOT NULL REFERENCES oauth_client (id) ON DELETE CASCADE,
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    workspace_id UUID NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    challenge TEXT NOT NULL,
    nonce TEXT,
    signed_in_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    -- The session that it was exchanged for.
    session_id UUID
);
CREATE INDEX oauth_code_by_end ON oauth_code (expires_at);

-- Of a session that is an app's: whose, and for what.
ALTER TABLE session ADD COLUMN client_id UUID REFERENCES oauth_client (id) ON DELETE CASCADE;
ALTER TABLE session ADD COLUMN scope TEXT;
CREATE INDEX session_by_client ON session (client_id);
