-- What an authenticator app shares with an account.
CREATE TABLE second_factor (
    account_id UUID PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    workspace_id UUID NOT NULL,
    secret BYTEA NOT NULL,
    -- Before a code was right, nobody is asked for one.
    confirmed_at TIMESTAMPTZ,
    -- The last time step whose code was taken: none is taken twice.
    last_step BIGINT NOT NULL
);

-- Codes that stand in for the app, once each.
CREATE TABLE recovery_code (
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    hash BYTEA NOT NULL,
    PRIMARY KEY (account_id, hash)
);
