#!/usr/bin/env bash
# MongoDB where `mongod` and `mongosh` are on the PATH. No package registry has it: elsewhere this runs a stand-in that speaks
# its protocol (mongodb/Server.java), on the JDK.
NAME=MongoDB
USUAL_PORT=27018
. "$(dirname "$0")/engine"

real() { command -v mongod >/dev/null && command -v mongosh >/dev/null; }
real || NOTE="a stand-in, since mongod and mongosh are not on the PATH"
jars="$LIBRARY/mongodb-$(sha256sum "$HERE/mongodb/pom.xml" | cut -c1-8)"

fetch() {
  real && return
  need javac=default-jdk-headless mvn=maven
  [ -d "$jars" ] && return
  maven -f "$HERE/mongodb/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$jars.new"
  mv "$jars.new" "$jars"
}

launch() {
  mkdir -p data
  ! real || exec mongod --dbpath data --bind_ip 127.0.0.1 --port "$PORT" --auth
  export LOOMA_ENGINES_PASSWORD="$PASSWORD"
  exec java -Xmx256m -XX:+UseSerialGC -cp "$jars/*" "$HERE/mongodb/Server.java" data "$PORT"
}

ready() {
  if ! real; then
    answers "$PORT"
    return
  fi
  mongosh --quiet "$(address)" --eval 'db.runCommand({ ping: 1 })' >/dev/null && return
  # A server without users lets this machine make the first one.
  mongosh --quiet --port "$PORT" admin --eval "db.createUser({ user: 'looma', pwd: '$PASSWORD', roles: ['root'] })" >/dev/null
}
address() { echo "mongodb://looma:$PASSWORD@127.0.0.1:$PORT/?authSource=admin"; }
engine "$@"
