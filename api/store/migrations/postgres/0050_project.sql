CREATE TABLE project (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    -- The name and the goal in lower case.
    search_text TEXT NOT NULL,
    fields JSONB NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX project_by_name ON project (workspace_id, name, id);
