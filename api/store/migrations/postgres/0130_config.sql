CREATE TABLE config_version (
    version BIGINT PRIMARY KEY,
    settings JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by TEXT NOT NULL,
    note TEXT
);
