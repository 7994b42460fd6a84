-- Apps that act for users or for themselves (OAuth 2.1).
CREATE TABLE oauth_client (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL REFERENCES workspace (id),
    name TEXT NOT NULL,
    fields TEXT NOT NULL,
    -- Of a confidential app alone.
    secret_hash BLOB,
    -- The session that the tokens name which it gets for itself; with another one they end.
    session_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX oauth_client_by_name ON oauth_client (workspace_id, name, id);

-- What users have allowed apps.
CREATE TABLE oauth_consent (
    account_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    client_id BLOB NOT NULL REFERENCES oauth_client (id) ON DELETE CASCADE,
    workspace_id BLOB NOT NULL,
    scope TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (account_id, client_id)
) STRICT;

-- What an app gets for the browser's way back and exchanges for tokens, once. Kept longer than it is good: who brings it again has stolen it.
CREATE TABLE oauth_code (
    hash BLOB PRIMARY KEY,
    client_id BLOB NOT NULL REFERENCES oauth_client (id) ON DELETE CASCADE,
    account_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    workspace_id BLOB NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    challenge TEXT NOT NULL,
    nonce TEXT,
    signed_in_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    -- The session that it was exchanged for.
    session_id BLOB
) STRICT;
CREATE INDEX oauth_code_by_end ON oauth_code (expires_at);

-- Of a session that is an app's: whose, and for what.
ALTER TABLE session ADD COLUMN client_id BLOB REFERENCES oauth_client (id) ON DELETE CASCADE;
ALTER TABLE session ADD COLUMN scope TEXT;
CREATE INDEX session_by_client ON session (client_id);
