CREATE TABLE company (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    name TEXT NOT NULL,
    industry TEXT,
    fields TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX company_by_name ON company (workspace_id, name, id);

CREATE TABLE department (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    company_id BLOB NOT NULL REFERENCES company (id) ON DELETE CASCADE,
    parent_id BLOB REFERENCES department (id) ON DELETE CASCADE,
    name TEXT NOT NULL
) STRICT;
CREATE INDEX department_by_company ON department (workspace_id, company_id);
