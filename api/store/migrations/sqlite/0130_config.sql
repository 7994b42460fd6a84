CREATE TABLE config_version (
    version INTEGER PRIMARY KEY,
    settings TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    note TEXT
) STRICT;
