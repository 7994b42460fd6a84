CREATE TABLE job (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    company_id UUID NOT NULL,
    -- Lower case, as are location and skills: for filters. The fields hold what was written.
    title TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'paused', 'closed', 'filled', 'archived')),
    location TEXT,
    remote TEXT NOT NULL,
    employment_type TEXT NOT NULL,
    skills TEXT NOT NULL,
    fields JSONB NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    published_at TIMESTAMPTZ
);
CREATE INDEX job_newest ON job (workspace_id, id);
CREATE INDEX job_by_company ON job (workspace_id, company_id);

CREATE TABLE application (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    job_id UUID NOT NULL REFERENCES job (id),
    person_id UUID NOT NULL,
    person_name TEXT NOT NULL,
    stage TEXT NOT NULL,
    history JSONB NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (job_id, person_id)
);
CREATE INDEX application_newest ON application (workspace_id, id);
CREATE INDEX application_by_job ON application (workspace_id, job_id);
CREATE INDEX application_by_person ON application (workspace_id, person_id);
