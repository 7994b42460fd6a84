CREATE TABLE job (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    company_id BLOB NOT NULL,
    -- Lower case, as are location and skills: for filters. The fields hold what was written.
    title TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'paused', 'closed', 'filled', 'archived')),
    location TEXT,
    remote TEXT NOT NULL,
    employment_type TEXT NOT NULL,
    skills TEXT NOT NULL,
    fields TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    published_at TEXT
) STRICT;
CREATE INDEX job_newest ON job (workspace_id, id);
CREATE INDEX job_by_company ON job (workspace_id, company_id);

CREATE TABLE application (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    job_id BLOB NOT NULL REFERENCES job (id),
    person_id BLOB NOT NULL,
    person_name TEXT NOT NULL,
    stage TEXT NOT NULL,
    history TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (job_id, person_id)
) STRICT;
CREATE INDEX application_newest ON application (workspace_id, id);
CREATE INDEX application_by_job ON application (workspace_id, job_id);
CREATE INDEX application_by_person ON application (workspace_id, person_id);
