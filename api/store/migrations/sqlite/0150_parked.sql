-- Records whose newest event a projection could not take, with the reason; passed over until somebody tries again.
CREATE TABLE parked (
    projection TEXT NOT NULL,
    position INTEGER NOT NULL,
    workspace_id BLOB NOT NULL,
    record_kind TEXT NOT NULL,
    record_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (projection, workspace_id, record_kind, record_id)
) STRICT;
CREATE INDEX parked_oldest ON parked (projection, position);
