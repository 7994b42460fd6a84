#!/usr/bin/env bash
# Neo4j Community, the server itself: its jars from Maven Central and neo4j/Server.java, which starts them.
NAME=Neo4j
USUAL_PORT=7688
. "$(dirname "$0")/engine"

jars="$LIBRARY/neo4j-$(sha256sum "$HERE/neo4j/pom.xml" | cut -c1-8)"
http() { echo "$((PORT - 213))"; }
ports() { printf '%s\n' "$PORT" "$(http)"; }

fetch() {
  need curl=curl javac=default-jdk-headless mvn=maven
  [ -d "$jars" ] && return
  maven -f "$HERE/neo4j/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$jars.new"
  mv "$jars.new" "$jars"
}

launch() {
  export LOOMA_ENGINES_PASSWORD="$PASSWORD"
  # A login that a test gets wrong on purpose must not shut out the tests beside it.
  exec java -Xms128m -Xmx512m -XX:+ExitOnOutOfMemoryError --add-opens=java.base/java.nio=ALL-UNNAMED \
    --add-opens=java.base/java.io=ALL-UNNAMED --add-opens=java.base/sun.nio.ch=ALL-UNNAMED \
    -cp "$jars/*" "$HERE/neo4j/Server.java" data \
    server.default_listen_address=127.0.0.1 server.default_advertised_address=127.0.0.1 \
    server.bolt.listen_address=":$PORT" server.bolt.advertised_address=":$PORT" \
    server.http.listen_address=":$(http)" server.http.advertised_address=":$(http)" \
    server.memory.pagecache.size=128m db.tx_log.preallocate=false dbms.security.auth_max_failed_attempts=0 dbms.usage_report.enabled=false
}

ready() {
  curl -sf -o /dev/null -u "neo4j:$PASSWORD" -H 'content-type: application/json' \
    -d '{"statements":[{"statement":"RETURN 1"}]}' "http://127.0.0.1:$(http)/db/neo4j/tx/commit"
}
address() { echo "bolt://neo4j:$PASSWORD@127.0.0.1:$PORT"; }
engine "$@"
