CREATE TABLE resume (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    person_id UUID NOT NULL,
    title TEXT NOT NULL,
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    original TEXT,
    original_name TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX resume_by_id ON resume (workspace_id, id);
CREATE INDEX resume_by_person ON resume (workspace_id, person_id, id);
CREATE INDEX resume_by_original ON resume (workspace_id, original);

CREATE TABLE resume_version (
    resume_id UUID NOT NULL REFERENCES resume (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    workspace_id UUID NOT NULL,
    title TEXT NOT NULL,
    document TEXT NOT NULL,
    cause TEXT NOT NULL,
    created_by UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (resume_id, version)
);

CREATE TABLE resume_import (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    actor_id UUID NOT NULL,
    actor_name TEXT NOT NULL,
    file_name TEXT NOT NULL,
    size BIGINT NOT NULL,
    original TEXT NOT NULL,
    wanted_person_id UUID,
    state TEXT NOT NULL,
    progress DOUBLE PRECISION NOT NULL,
    resume_id UUID,
    person_id UUID,
    duplicate_of UUID,
    problem JSONB,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX resume_import_newest ON resume_import (workspace_id, id);
CREATE INDEX resume_import_waiting ON resume_import (state, id);
