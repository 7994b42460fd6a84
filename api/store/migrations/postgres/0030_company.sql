CREATE TABLE company (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    name TEXT NOT NULL,
    industry TEXT,
    fields JSONB NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX company_by_name ON company (workspace_id, name, id);

CREATE TABLE department (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    company_id UUID NOT NULL REFERENCES company (id) ON DELETE CASCADE,
    parent_id UUID REFERENCES department (id) ON DELETE CASCADE,
    name TEXT NOT NULL
);
CREATE INDEX department_by_company ON department (workspace_id, company_id);
