CREATE TABLE project (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    -- The name and the goal in lower case.
    search_text TEXT NOT NULL,
    fields TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX project_by_name ON project (workspace_id, name, id);
