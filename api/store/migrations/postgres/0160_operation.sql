-- Long work on the whole system, such as making a projection anew.
CREATE TABLE operation (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    result JSONB NOT NULL,
    problem JSONB,
    -- When the process that does it last said so.
    seen_at TIMESTAMPTZ NOT NULL
);
