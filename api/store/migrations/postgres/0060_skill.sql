-- A seeded skill has the same id in every workspace, hence the two-part key.
CREATE TABLE skill (
    id UUID NOT NULL,
    workspace_id UUID NOT NULL,
    name TEXT NOT NULL,
    fields JSONB NOT NULL,
    seeded BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX skill_name ON skill (workspace_id, name);
