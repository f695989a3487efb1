# shellcheck shell=bash
# start_postgres: a real PostgreSQL in a temporary folder, on a unix socket only; exports ASSAY_TEST_POSTGRESQL. stop_postgres ends it.

start_postgres() {
    local bin
    bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
    [ -x "$bin/initdb" ] || return 1
    postgres_dir=$(mktemp -d /tmp/assay-pg.XXXXXX) || return 1
    postgres_run=()
    if [ "$(id -u)" = 0 ]; then  # PostgreSQL refuses to run as root
        chown postgres "$postgres_dir" || return 1
        postgres_run=(runuser -u postgres --)
    fi
    postgres_ctl=$bin/pg_ctl
    (cd "$postgres_dir" &&
        "${postgres_run[@]}" "$bin/initdb" -D "$postgres_dir/data" -A trust -U assay --no-sync >"$postgres_dir.log" 2>&1 &&
        "${postgres_run[@]}" "$postgres_ctl" -D "$postgres_dir/data" -w -t 60 -l "$postgres_dir/server.log" \
            -o "-c listen_addresses= -c unix_socket_directories=$postgres_dir" start >>"$postgres_dir.log" 2>&1) || {
        cat "$postgres_dir.log" >&2
        stop_postgres
        return 1
    }
    export ASSAY_TEST_POSTGRESQL="postgresql://assay@/postgres?host=$postgres_dir"
}

stop_postgres() {
    [ -n "${postgres_dir:-}" ] || return 0
    "${postgres_run[@]}" "$postgres_ctl" -D "$postgres_dir/data" -m immediate stop >/dev/null 2>&1
    rm -rf "$postgres_dir" "$postgres_dir.log"
    unset ASSAY_TEST_POSTGRESQL postgres_dir
}
