CREATE TABLE outbox (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id UUID NOT NULL,
    record_kind TEXT NOT NULL,
    record_id UUID NOT NULL,
    version BIGINT NOT NULL,
    op TEXT NOT NULL CHECK (op IN ('upsert', 'delete', 'note')),
    projected JSONB,
    action TEXT NOT NULL,
    actor_id UUID,
    actor_name TEXT NOT NULL,
    request_id TEXT,
    detail JSONB NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX outbox_workspace ON outbox (workspace_id, position);

CREATE TABLE idempotency (
    workspace_id UUID NOT NULL,
    actor_id UUID NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER,
    headers TEXT,
    body BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, actor_id, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);
