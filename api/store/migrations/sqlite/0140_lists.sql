-- Lists in the order of the last change, and jobs by title.
CREATE INDEX company_by_change ON company (workspace_id, updated_at, id);
CREATE INDEX project_by_change ON project (workspace_id, updated_at, id);
CREATE INDEX job_by_title ON job (workspace_id, title, id);
CREATE INDEX job_by_change ON job (workspace_id, updated_at, id);
