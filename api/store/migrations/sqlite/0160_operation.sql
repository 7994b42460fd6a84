-- Long work on the whole system, such as making a projection anew.
CREATE TABLE operation (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    result TEXT NOT NULL,
    problem TEXT,
    -- When the process that does it last said so.
    seen_at TEXT NOT NULL
) STRICT;
