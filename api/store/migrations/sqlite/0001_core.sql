CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id BLOB NOT NULL,
    record_kind TEXT NOT NULL,
    record_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    op TEXT NOT NULL CHECK (op IN ('upsert', 'delete', 'note')),
    projected TEXT,
    action TEXT NOT NULL,
    actor_id BLOB,
    actor_name TEXT NOT NULL,
    request_id TEXT,
    detail TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_workspace ON outbox (workspace_id, position);

CREATE TABLE idempotency (
    workspace_id BLOB NOT NULL,
    actor_id BLOB NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER,
    headers TEXT,
    body BLOB,
    created_at TEXT NOT NULL,
    PRIMARY KEY (workspace_id, actor_id, key)
) STRICT;
CREATE INDEX idempotency_age ON idempotency (created_at);
