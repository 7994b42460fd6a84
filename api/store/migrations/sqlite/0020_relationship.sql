CREATE TABLE person (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    name TEXT NOT NULL,
    owner_id BLOB,
    updated_at TEXT NOT NULL,
    -- Lower-case: the names, e-mails and headline; the location.
    search_text TEXT NOT NULL,
    location_text TEXT NOT NULL,
    fields TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX person_by_name ON person (workspace_id, name, id);
CREATE INDEX person_by_change ON person (workspace_id, updated_at, id);

-- E-mails in lower case and the digits of phone numbers; the two never look alike.
CREATE TABLE person_contact (
    person_id BLOB NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    workspace_id BLOB NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (person_id, value)
) STRICT;
CREATE INDEX person_contact_by_value ON person_contact (workspace_id, value, person_id);

CREATE TABLE person_tag (
    person_id BLOB NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (person_id, tag)
) STRICT;

CREATE TABLE interaction (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Whether its next step is still to be done.
    open INTEGER NOT NULL,
    fields TEXT NOT NULL,
    created_by BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX interaction_by_time ON interaction (workspace_id, at, id);

CREATE TABLE interaction_with (
    interaction_id BLOB NOT NULL REFERENCES interaction (id) ON DELETE CASCADE,
    workspace_id BLOB NOT NULL,
    record_kind TEXT NOT NULL,
    record_id BLOB NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (interaction_id, record_kind, record_id)
) STRICT;
CREATE INDEX interaction_with_record ON interaction_with (workspace_id, record_kind, record_id, at, interaction_id);

CREATE TABLE relationship (
    id BLOB PRIMARY KEY,
    workspace_id BLOB NOT NULL,
    from_kind TEXT NOT NULL,
    from_id BLOB NOT NULL,
    to_kind TEXT NOT NULL,
    to_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    -- Empty where the day is not known, so that two such relationships count as the same.
    since TEXT NOT NULL,
    fields TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX relationship_once ON relationship (workspace_id, from_kind, from_id, to_kind, to_id, kind, since);
CREATE INDEX relationship_to ON relationship (workspace_id, to_kind, to_id);
CREATE INDEX relationship_by_time ON relationship (workspace_id, created_at, id);
