#!/bin/sh
# Runs a command with a real, throw-away PostgreSQL in ASSAY_TEST_POSTGRESQL, and removes it afterwards:
#     tests/support/postgres.sh ctest --test-dir build/dev -L store
# It listens on a Unix socket in a temporary folder and nowhere else. As root it runs as the user `postgres`.
set -eu
bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
if [ -z "$bin" ]; then
    echo "postgres.sh: no PostgreSQL under /usr/lib/postgresql (apt-get install postgresql); running without" >&2
    exec "$@"
fi
folder=$(mktemp -d /tmp/assay-postgres-XXXXXX)
as=
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as="runuser -u postgres --"
fi
finish() {
    (cd / && $as "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1) || true
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if ! (cd / && $as "$bin/initdb" -D "$folder/data" -U assay -A trust --no-sync -E UTF8 --locale=C >"$folder/log" 2>&1 &&
      $as "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/server.log" \
          -o "-k $folder -c listen_addresses= -c max_connections=60" start >>"$folder/log" 2>&1); then
    cat "$folder/log" "$folder/server.log" >&2 2>/dev/null || true
    exit 1
fi
ASSAY_TEST_POSTGRESQL="postgresql://assay@/postgres?host=$folder"
export ASSAY_TEST_POSTGRESQL
"$@"
