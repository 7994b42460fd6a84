#!/usr/bin/env bash
# An object store that speaks S3: Versity's gateway over a folder, in which each folder is a bucket and each file an object.
NAME=S3
USUAL_PORT=9090
. "$(dirname "$0")/engine"

VERSION=v1.8.0
BUCKET=looma
program="$LIBRARY/versitygw-$VERSION"

fetch() {
  need curl=curl
  go_install "$program" "github.com/versity/versitygw/cmd/versitygw@$VERSION"
}

launch() {
  mkdir -p "data/$BUCKET"
  export ROOT_ACCESS_KEY=looma ROOT_SECRET_KEY="$PASSWORD"
  exec "$program" --port "127.0.0.1:$PORT" --keep-alive --quiet posix data
}

ready() {
  curl -sf -o /dev/null --aws-sigv4 aws:amz:us-east-1:s3 --user "looma:$PASSWORD" \
    -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "http://127.0.0.1:$PORT/$BUCKET"
}
address() { echo "http://looma:$PASSWORD@127.0.0.1:$PORT/$BUCKET"; }
engine "$@"
