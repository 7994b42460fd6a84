#!/usr/bin/env bash
# Weaviate, compiled from its Go module. Vectors come from the client; the API key is the password.
NAME=Weaviate
USUAL_PORT=8082
. "$(dirname "$0")/engine"

VERSION=v1.38.11
program="$LIBRARY/weaviate-$VERSION"
ports() { seq "$PORT" "$((PORT + 5))"; }

fetch() {
  need curl=curl
  go_install "$program" "github.com/weaviate/weaviate/cmd/weaviate-server@$VERSION"
}

# It has no setting for the address of its gRPC and cluster data ports, which listen everywhere; they ask for the key too.
launch() {
  export PERSISTENCE_DATA_PATH="$DIR/data" DEFAULT_VECTORIZER_MODULE=none DISABLE_TELEMETRY=true GO_PROFILING_DISABLE=true
  export AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=false AUTHENTICATION_APIKEY_ENABLED=true
  export AUTHENTICATION_APIKEY_ALLOWED_KEYS="$PASSWORD" AUTHENTICATION_APIKEY_USERS=looma
  export CLUSTER_HOSTNAME=node1 CLUSTER_IN_LOCALHOST=true CLUSTER_BIND_ADDR=127.0.0.1 CLUSTER_ADVERTISE_ADDR=127.0.0.1
  export CLUSTER_BASIC_AUTH_USERNAME=looma CLUSTER_BASIC_AUTH_PASSWORD="$PASSWORD"
  export GRPC_PORT=$((PORT + 1)) CLUSTER_GOSSIP_BIND_PORT=$((PORT + 2)) CLUSTER_DATA_BIND_PORT=$((PORT + 3))
  export RAFT_PORT=$((PORT + 4)) RAFT_INTERNAL_RPC_PORT=$((PORT + 5)) RAFT_BOOTSTRAP_EXPECT=1 RAFT_TIMEOUTS_MULTIPLIER=1
  exec "$program" --scheme http --host 127.0.0.1 --port "$PORT"
}

ready() {
  curl -sf -o /dev/null "http://127.0.0.1:$PORT/v1/.well-known/ready" &&
    curl -sf -o /dev/null -H "authorization: Bearer $PASSWORD" "http://127.0.0.1:$PORT/v1/schema"
}
address() { echo "http://looma:$PASSWORD@127.0.0.1:$PORT"; }
engine "$@"
