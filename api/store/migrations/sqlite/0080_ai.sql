CREATE TABLE ai_model (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    fields TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX ai_model_name ON ai_model (workspace_id, name);

-- What was put into use and when; no model means the built-in one.
CREATE TABLE ai_activation (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    purpose TEXT NOT NULL,
    model_id BLOB,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX ai_activation_latest ON ai_activation (workspace_id, purpose, at);
