#!/bin/sh
# Run by the image at the first start, on an empty volume. The services' login owns its database, and is no superuser.
set -eu
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set password `cat /run/secrets/postgres_password`
CREATE ROLE looma LOGIN PASSWORD :'password';
CREATE DATABASE looma_independent OWNER looma;
REVOKE ALL ON DATABASE looma_independent FROM PUBLIC;
SQL
