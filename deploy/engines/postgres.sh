#!/usr/bin/env bash
# PostgreSQL as Debian has it. The user `looma` owns the database and is no superuser: row-level security holds for it.
NAME=PostgreSQL
USUAL_PORT=5434
STOP_SIGNAL=INT # ends open transactions instead of waiting for them
. "$(dirname "$0")/engine"

DATABASE=looma_independent
# Of the newest version; Debian keeps them off the PATH.
program() { ls -v /usr/lib/postgresql/*/bin/"$1" 2>/dev/null | tail -n 1 | grep . || command -v "$1"; }

fetch() { [ -n "$(program initdb)" ] || need_server initdb postgresql; }

alone() { "${plain[@]}" "$(program postgres)" --single -D "$1" template1; }

create() {
  rm -rf data.new
  "${plain[@]}" "$(program initdb)" -D data.new -U postgres -E UTF8 --locale=C.UTF-8 --auth=scram-sha-256 \
    --pwfile=<(echo "$PASSWORD")
  alone data.new <<SQL
CREATE ROLE looma LOGIN CREATEDB PASSWORD '$PASSWORD'
CREATE DATABASE $DATABASE OWNER looma
SQL
  mv data.new data # whole or not at all
}

launch() {
  [ -f data/PG_VERSION ] || create
  # The children of a killed server keep a new one out until they have ended.
  until alone data </dev/null; do sleep 0.2; done
  # The request tests run in one process, and each keeps some connections until that process ends.
  exec "${plain[@]}" "$(program postgres)" -D data -p "$PORT" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c max_connections=600
}

ready() { "$(program psql)" -X "$(address)" -c 'SELECT 1' >/dev/null; }
address() { echo "postgres://looma:$PASSWORD@127.0.0.1:$PORT/$DATABASE"; }
engine "$@"
