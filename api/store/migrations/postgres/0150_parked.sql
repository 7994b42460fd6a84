-- Records whose newest event a projection could not take, with the reason; passed over until somebody tries again.
CREATE TABLE parked (
    projection TEXT NOT NULL,
    position BIGINT NOT NULL,
    workspace_id UUID NOT NULL,
    record_kind TEXT NOT NULL,
    record_id UUID NOT NULL,
    version BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (projection, workspace_id, record_kind, record_id)
);
CREATE INDEX parked_oldest ON parked (projection, position);

-- Work that one process at a time does. Times are the database's own, so that no two clocks are compared.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    holder UUID NOT NULL,
    until TIMESTAMPTZ NOT NULL
);

-- What only the processes of this installation know.
CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);

-- Names are ordered by their bytes, as in the embedded database, whatever the locale of this one.
ALTER TABLE account ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE person ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE person_tag ALTER COLUMN tag TYPE TEXT COLLATE "C";
ALTER TABLE company ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE department ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE job ALTER COLUMN title TYPE TEXT COLLATE "C";
ALTER TABLE project ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE skill ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE ai_model ALTER COLUMN name TYPE TEXT COLLATE "C";
