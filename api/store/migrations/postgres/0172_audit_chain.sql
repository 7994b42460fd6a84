-- The outbox is the audit log: from where an event came, and its place in the chain of its workspace. Rows from before the chain
-- have no place until the next start gives them theirs.
ALTER TABLE outbox ADD COLUMN address TEXT;
ALTER TABLE outbox ADD COLUMN sequence BIGINT;
ALTER TABLE outbox ADD COLUMN hash BYTEA;
CREATE UNIQUE INDEX outbox_sequence ON outbox (workspace_id, sequence);
CREATE INDEX outbox_unchained ON outbox (position) WHERE hash IS NULL;

-- The last entry of each chain, so that a chain that was cut short is known.
CREATE TABLE audit_head (
    workspace_id UUID PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER outbox_unchanged BEFORE UPDATE ON outbox FOR EACH ROW WHEN (OLD.hash IS NOT NULL) EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER outbox_undeleted BEFORE DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER outbox_untruncated BEFORE TRUNCATE ON outbox FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head FOR EACH ROW
    WHEN (NEW.sequence <= OLD.sequence OR NEW.workspace_id <> OLD.workspace_id) EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_undeleted BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_untruncated BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
