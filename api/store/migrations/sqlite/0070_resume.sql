CREATE TABLE resume (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    title TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    original TEXT,
    original_name TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX resume_by_id ON resume (workspace_id, id);
CREATE INDEX resume_by_person ON resume (workspace_id, person_id, id);
CREATE INDEX resume_by_original ON resume (workspace_id, original);

CREATE TABLE resume_version (
    resume_id BLOB NOT NULL REFERENCES resume (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    workspace_id BLOB NOT NULL,
    title TEXT NOT NULL,
    document TEXT NOT NULL,
    cause TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (resume_id, version)
) STRICT;

CREATE TABLE resume_import (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    actor_id BLOB NOT NULL,
    actor_name TEXT NOT NULL,
    file_name TEXT NOT NULL,
    size INTEGER NOT NULL,
    original TEXT NOT NULL,
    wanted_person_id BLOB,
    state TEXT NOT NULL,
    progress REAL NOT NULL,
    resume_id BLOB,
    person_id BLOB,
    duplicate_of BLOB,
    problem TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX resume_import_newest ON resume_import (workspace_id, id);
CREATE INDEX resume_import_waiting ON resume_import (state, id);
