-- What an authenticator app shares with an account.
CREATE TABLE second_factor (
    account_id BLOB PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    workspace_id BLOB NOT NULL,
    secret BLOB NOT NULL,
    -- Before a code was right, nobody is asked for one.
    confirmed_at TEXT,
    -- The last time step whose code was taken: none is taken twice.
    last_step INTEGER NOT NULL
) STRICT;

-- Codes that stand in for the app, once each.
CREATE TABLE recovery_code (
    account_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    hash BLOB NOT NULL,
    PRIMARY KEY (account_id, hash)
) STRICT;
