#!/usr/bin/env bash
# Redis as Debian has it, with an append-only file.
NAME=Redis
USUAL_PORT=6382
. "$(dirname "$0")/engine"

fetch() { need_server redis-server redis-server; }

launch() {
  mkdir -p data
  exec redis-server - <<CONF
bind 127.0.0.1
port $PORT
dir data
appendonly yes
requirepass $PASSWORD
user looma on >$PASSWORD ~* &* +@all
CONF
}

ready() { REDISCLI_AUTH="$PASSWORD" redis-cli --user looma -p "$PORT" PING | grep -q PONG; }
address() { echo "redis://looma:$PASSWORD@127.0.0.1:$PORT/0"; }
engine "$@"
