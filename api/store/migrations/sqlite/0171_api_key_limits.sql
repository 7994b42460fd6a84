-- What a key may do of what its role may, and from which addresses; words with spaces between, everything where there are none.
ALTER TABLE api_key ADD COLUMN scopes TEXT;
ALTER TABLE api_key ADD COLUMN addresses TEXT;
