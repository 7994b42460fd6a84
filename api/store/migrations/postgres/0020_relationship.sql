CREATE TABLE person (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    name TEXT NOT NULL,
    owner_id UUID,
    updated_at TIMESTAMPTZ NOT NULL,
    -- Lower-case: the names, e-mails and headline; the location.
    search_text TEXT NOT NULL,
    location_text TEXT NOT NULL,
    fields JSONB NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX person_by_name ON person (workspace_id, name, id);
CREATE INDEX person_by_change ON person (workspace_id, updated_at, id);

-- E-mails in lower case and the digits of phone numbers; the two never look alike.
CREATE TABLE person_contact (
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    workspace_id UUID NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (person_id, value)
);
CREATE INDEX person_contact_by_value ON person_contact (workspace_id, value, person_id);

CREATE TABLE person_tag (
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (person_id, tag)
);

CREATE TABLE interaction (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    -- Whether its next step is still to be done.
    open BOOLEAN NOT NULL,
    fields JSONB NOT NULL,
    created_by UUID NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX interaction_by_time ON interaction (workspace_id, at, id);

CREATE TABLE interaction_with (
    interaction_id UUID NOT NULL REFERENCES interaction (id) ON DELETE CASCADE,
    workspace_id UUID NOT NULL,
    record_kind TEXT NOT NULL,
    record_id UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (interaction_id, record_kind, record_id)
);
CREATE INDEX interaction_with_record ON interaction_with (workspace_id, record_kind, record_id, at, interaction_id);

CREATE TABLE relationship (
    id UUID PRIMARY KEY,
    workspace_id UUID NOT NULL,
    from_kind TEXT NOT NULL,
    from_id UUID NOT NULL,
    to_kind TEXT NOT NULL,
    to_id UUID NOT NULL,
    kind TEXT NOT NULL,
    -- Empty where the day is not known, so that two such relationships count as the same.
    since TEXT NOT NULL,
    fields JSONB NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX relationship_once ON relationship (workspace_id, from_kind, from_id, to_kind, to_id, kind, since);
CREATE INDEX relationship_to ON relationship (workspace_id, to_kind, to_id);
CREATE INDEX relationship_by_time ON relationship (workspace_id, created_at, id);
