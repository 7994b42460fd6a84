-- A seeded skill has the same id in every workspace, hence the two-part key.
CREATE TABLE skill (
    id BLOB NOT NULL,
    workspace_id BLOB NOT NULL,
    name TEXT NOT NULL,
    fields TEXT NOT NULL,
    seeded INTEGER NOT NULL CHECK (seeded IN (0, 1)),
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (workspace_id, id)
) STRICT;
CREATE UNIQUE INDEX skill_name ON skill (workspace_id, name);
