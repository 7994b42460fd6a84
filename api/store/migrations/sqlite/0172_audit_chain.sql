-- The outbox is the audit log: from where an event came, and its place in the chain of its workspace. Rows from before the chain
-- have no place until the next start gives them theirs.
ALTER TABLE outbox ADD COLUMN address TEXT;
ALTER TABLE outbox ADD COLUMN sequence INTEGER;
ALTER TABLE outbox ADD COLUMN hash BLOB;
CREATE UNIQUE INDEX outbox_sequence ON outbox (workspace_id, sequence);
CREATE INDEX outbox_unchained ON outbox (position) WHERE hash IS NULL;

-- The last entry of each chain, so that a chain that was cut short is known.
CREATE TABLE audit_head (
    workspace_id BLOB PRIMARY KEY NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE TRIGGER outbox_unchanged BEFORE UPDATE ON outbox WHEN OLD.hash IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER outbox_undeleted BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head WHEN NEW.sequence <= OLD.sequence OR NEW.workspace_id <> OLD.workspace_id
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_head_undeleted BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
