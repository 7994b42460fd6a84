CREATE TABLE ai_model (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    fields JSONB NOT NULL,
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX ai_model_name ON ai_model (workspace_id, name);

-- What was put into use and when; no model means the built-in one.
CREATE TABLE ai_activation (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    model_id UUID,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX ai_activation_latest ON ai_activation (workspace_id, purpose, at);
