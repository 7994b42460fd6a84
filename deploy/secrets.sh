#!/bin/sh
# Makes the secrets that compose.yaml names, each in a file of its own in deploy/secrets. Those that are there stay as they
# are, so it can be run again after an upgrade; a secret is changed by changing it in its engine, then in its file.
#
# The folder is its owner's alone. The files in it are not: containers see each as it is here, and the users inside, which
# are other users than the one outside, must be able to read it.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
chmod 0700 secrets
cd secrets

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# `keep NAME VALUE`: the value, unless there is one.
keep() {
  [ -s "$1" ] || printf '%s' "$2" >"$1"
  chmod 0444 "$1"
}

for name in postgres_admin_password postgres_password mongodb_password redis_password neo4j_password \
  elasticsearch_password weaviate_key grafana_password s3_secret; do
  keep "$name" "$(random)"
done

# What these two engines want to read is made from the passwords above.
keep neo4j_auth "neo4j/$(cat neo4j_password)"
keep redis_users "$(printf 'user default off\nuser looma on #%s ~* &* +@all -@admin\n' \
  "$(sha256sum redis_password | cut -d' ' -f1)")
"
echo "secrets are in $(pwd)"
