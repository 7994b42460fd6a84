#!/usr/bin/env bash
# Elasticsearch, the small distribution that Elastic publishes on Maven Central for integration tests: the server and its
# security without the modules.
NAME=Elasticsearch
USUAL_PORT=9202
. "$(dirname "$0")/engine"

VERSION=8.19.21
home="$LIBRARY/elasticsearch-$VERSION"
ports() { printf '%s\n' "$PORT" "$((PORT + 1))"; }

fetch() {
  need curl=curl javac=default-jdk-headless mvn=maven
  [ -d "$home" ] && return
  rm -rf "$home.new"
  maven org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -DoutputDirectory="$home.new" \
    -Dartifact="org.elasticsearch.distribution.integ-test-zip:elasticsearch:$VERSION:zip"
  (cd "$home.new" && jar xf "elasticsearch-$VERSION.zip")
  chmod +x "$home.new/elasticsearch-$VERSION/bin/"*
  mv "$home.new/elasticsearch-$VERSION" "$home"
  rm -rf "$home.new"
}

configure() {
  rm -rf config.new
  cp -r "$home/config" config.new
  sed -i '/-Xlog:gc/d' config.new/jvm.options
  echo "$PASSWORD" | ES_PATH_CONF="$DIR/config.new" "${plain[@]}" "$home/bin/elasticsearch-keystore" add -xf bootstrap.password
  mv config.new config
}

launch() {
  mkdir -p tmp
  export ES_PATH_CONF="$DIR/config" ES_TMPDIR="$DIR/tmp" ES_JAVA_OPTS="-Xms512m -Xmx512m"
  ES_JAVA_HOME="$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")"
  export ES_JAVA_HOME
  [ -d config ] || configure
  # Every test has indexes of its own, and a full disk must not make them read-only.
  exec "${plain[@]}" "$home/bin/elasticsearch" -Epath.data="$DIR/data" -Epath.logs="$DIR/logs" \
    -Enetwork.host=127.0.0.1 -Ehttp.port="$PORT" -Etransport.port="$((PORT + 1))" -Ediscovery.type=single-node \
    -Ecluster.max_shards_per_node=5000 -Ecluster.routing.allocation.disk.threshold_enabled=false \
    -Expack.security.enabled=true -Expack.security.http.ssl.enabled=false -Expack.security.transport.ssl.enabled=false
}

ready() { curl -sf -o /dev/null "$(address)/_cluster/health?wait_for_status=yellow&timeout=1s"; }
address() { echo "http://elastic:$PASSWORD@127.0.0.1:$PORT"; }
engine "$@"
